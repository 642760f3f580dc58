namespace Fovea.Invariants

open Fovea
open Fovea.Core.Dispatch
open Fovea.Core.Shapes

/// What the kernels of several tables are described with.
module internal KernelParts =

    let batch n c pixels layout = ImageBatch (n, c, pixels, layout)

    let absolute (operands: float[] list) = operands |> List.map (Array.map abs)

    let relu (values: float[]) = values |> Array.map (fun v -> if v < 0.0 then 0.0 else v)

    let biased (operands: 'a[] list) = List.tryItem 2 operands |> Option.defaultValue [||]

    let pixelsIn (s: ConvShape) = s.H * s.W
    let pixelsOut (s: ConvShape) = s.P * s.Q
