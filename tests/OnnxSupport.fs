/// Models run in ONNX Runtime, where FOVEA_ONNXRUNTIME names the folder of its npm package.
module Fovea.Tests.OnnxSupport

open System
open System.Diagnostics
open System.IO
open System.Text.Json
open Expecto
open Fovea
open Fovea.Tests.DataSupport

type private Tensor = Fovea.Core.Tensors.Tensor

let fixture name = Path.Combine (__SOURCE_DIRECTORY__, "fixtures", "onnx", name)

/// The folder in which `npm install --ignore-scripts onnxruntime-node` was run; the test is skipped without it.
let runtime () =
    match Environment.GetEnvironmentVariable "FOVEA_ONNXRUNTIME" with
    | null
    | "" -> skiptest "FOVEA_ONNXRUNTIME names no folder with node_modules/onnxruntime-node"
    | folder -> folder

let private floats (path: string) =
    let bytes = File.ReadAllBytes path
    let values = Array.zeroCreate<float32>(bytes.Length / 4)
    Buffer.BlockCopy (bytes, 0, values, 0, bytes.Length)
    values

let private write (path: string) (images: Tensor) =
    let bytes = Array.zeroCreate<byte>(4 * images.Count)
    Buffer.BlockCopy (images.Values, 0, bytes, 0, bytes.Length)
    File.WriteAllBytes (Path.ChangeExtension (path, ".in"), bytes)
    File.WriteAllText (Path.ChangeExtension (path, ".json"), JsonSerializer.Serialize (List.ofSeq images.Shape))

/// What ONNX Runtime makes of images by files that a function writes, each by its path: the numbers, or its complaint.
let answers (models: ((string -> unit) * Tensor) list) : Result<float32[], string> list =
    let runtime = runtime ()

    inFolder (fun folder ->
        let at i = Path.Combine (folder, $"{i:D5}.onnx")

        models
        |> List.iteri (fun i (save, images) ->
            save (at i)
            write (at i) images)

        use run = Process.Start ("node", [ fixture "run.js"; runtime; folder ])
        run.WaitForExit ()
        Expect.equal run.ExitCode 0 "node's exit code"

        models
        |> List.mapi (fun i _ ->
            let error = Path.ChangeExtension (at i, ".error")

            if File.Exists error then
                Error (File.ReadAllText error)
            else
                Ok (floats (Path.ChangeExtension (at i, ".out")))))

/// The largest difference in proportion to the largest number; infinite where one is not finite and the other is.
let difference (expected: float32[]) (found: float32[]) =
    if expected.Length <> found.Length then
        infinity
    else
        let scale = expected |> Array.filter Single.IsFinite |> Array.map abs |> Array.fold max 1e-3f

        Array.map2
            (fun (a: float32) (b: float32) ->
                if a.Equals b then 0.0
                elif Single.IsFinite a && Single.IsFinite b then float (abs (a - b) / scale)
                else infinity)
            expected
            found
        |> Array.fold max 0.0
