/// What PyTorch gave, read from tests/fixtures; the generators lie beside the JSON.
module Fovea.Tests.Fixtures

open System.IO
open System.Text.Json
open Expecto
open Fovea.Core.Shapes
open Fovea.Core.Tensors

let read name =
    let path = Path.Combine (__SOURCE_DIRECTORY__, "fixtures", name)
    JsonDocument.Parse(File.ReadAllText path).RootElement

let field (name: string) (json: JsonElement) = json.GetProperty name

let tryField (name: string) (json: JsonElement) =
    match json.TryGetProperty name with
    | true, value -> Some value
    | _ -> None

let list (json: JsonElement) = json.EnumerateArray () |> List.ofSeq
let text (json: JsonElement) = json.GetString ()

/// A float; JSON has no name for what is not finite.
let number (json: JsonElement) =
    match json.ValueKind with
    | JsonValueKind.String ->
        match json.GetString () with
        | "nan" -> nan
        | "inf" -> infinity
        | "-inf" -> -infinity
        | other -> failtestf "%s is no number" other
    | _ -> json.GetDouble ()

let numbers json = json |> list |> List.map number |> Array.ofList
let singles json = json |> numbers |> Array.map float32
let integers (json: JsonElement) = json |> list |> List.map (fun value -> value.GetInt32 ()) |> Array.ofList
let shape json = Shape (integers json)
let tensor json = Tensor.Wrap (shape (field "shape" json), singles (field "values" json))

/// |a − b| ≤ relative · (|b| + scale), and not finite alike.
let near relative scale (actual: float) (expected: float) =
    actual.Equals expected || abs (actual - expected) <= relative * (abs expected + scale)

/// Every element near its own, or the first one that is not.
let expectNear relative scale what (actual: float seq) (expected: float seq) =
    let actual, expected = Array.ofSeq actual, Array.ofSeq expected
    Expect.equal actual.Length expected.Length $"{what}: the number of elements"

    Seq.zip actual expected
    |> Seq.tryFindIndex (fun (a, e) -> not (near relative scale a e))
    |> Option.iter (fun i -> failtestf "%s: element %d is %.9g, expected %.9g" what i actual[i] expected[i])
