namespace Fovea.Invariants

open System
open Fovea
open Fovea.Core.Randomness
open Fovea.Core.Shapes

/// Tensors to try things on: each a function of a shape and a seed.
module Numbers =

    let private draws (seed: int) (purpose: string) = CounterRandom (RandomKey.Of(seed).Child purpose)

    /// Normal draws with mean 0 and deviation 1.
    let normal (shape: Shape) (seed: int) = Tensor.Normal (shape, seed)

    /// Whole numbers from -3 to 3: sums of their products are exact in float32, whatever the order.
    let whole (shape: Shape) seed =
        let random = draws seed "whole"
        Tensor.Wrap (shape, Array.init shape.Count (fun _ -> float32 (random.Next (-3, 4))))

    /// Whole numbers from -1 to 1: full of ties.
    let ties (shape: Shape) seed =
        let random = draws seed "ties"
        Tensor.Wrap (shape, Array.init shape.Count (fun _ -> float32 (random.Next (-1, 2))))

    let private sprinkled (values: float32[]) (tensor: Tensor) seed =
        let random = draws seed "sprinkled"
        let result = tensor.Copy ()

        if result.Count > 0 then
            for _ in 0 .. min 3 (result.Count / 8) do
                result.Values[random.Next result.Count] <- values[random.Next values.Length]

        result

    /// A tensor with a few NaN in place of its numbers.
    let withNaN tensor seed = sprinkled [| Single.NaN |] tensor seed

    /// A tensor with a few NaN, ∞ and -∞ in place of its numbers.
    let withSpecials tensor seed =
        sprinkled [| Single.NaN; Single.PositiveInfinity; Single.NegativeInfinity |] tensor seed

    /// In double precision.
    let internal wide (values: float32[]) = Array.map float values

    let internal bits (value: float32) = BitConverter.SingleToUInt32Bits value

    /// Indices as they are read: (n, c, h, w).
    let internal place (shape: Shape) (index: int) =
        let rec go (extents: int list) index =
            match extents with
            | [] -> []
            | extent :: outer -> index % extent :: go outer (index / extent)

        go (shape |> List.ofSeq |> List.rev) index
        |> List.rev
        |> List.map string
        |> String.concat ", "
        |> sprintf "(%s)"
