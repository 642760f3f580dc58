namespace Fovea.Invariants

open System
open Fovea
open Fovea.Core.Dispatch
open Fovea.Core.Shapes

/// Padding and enlarging.
module internal ResamplingKernels =

    open KernelParts

    let private resamplingTwin (s: ResampleShape) (operands: float[] list) =
        let y = Array.zeroCreate<float> s.Output.Count
        Reference.ResamplingForward<float>(&s, operands[0], y)
        y

    let private resamplingBackwardTwin (s: ResampleShape) (operands: float[] list) =
        let dx = Array.zeroCreate<float> s.Input.Count
        Reference.ResamplingBackward<float>(&s, operands[0], dx)
        dx

    let private resampling (entry: Resampling) layout backward =
        let run (conditions: Conditions) (s: ResampleShape) (operands: float32[] list) =
            use blocks = new Guarded (conditions)
            let input = batch s.N s.C (s.Rows.Length * s.Columns.Length) layout
            let output = batch s.N s.C (s.Rows.Outputs * s.Columns.Outputs) layout
            let source, target = if backward then output, input else input, output
            let from = blocks.Of ("the source", operands[0], source)
            let into = blocks.Take ("the result", target.Floats)

            let floats = entry.ScratchFloats (&s, layout) * int64 conditions.Workers.Count
            let scratch = blocks.Take ("the scratch", floats)

            if backward then
                entry.Backward (&s, layout, from.Pointer, into.Pointer, scratch.Pointer, conditions.Workers)
            else
                entry.Forward (&s, layout, from.Pointer, into.Pointer, scratch.Pointer, conditions.Workers)

            blocks.RequireGuards ()
            blocks.Plain (into, target)

        let pass = if backward then " backward" else ""
        let twin = if backward then resamplingBackwardTwin else resamplingTwin

        {
            Name = $"resampling{pass} \"{entry.Name}\" of {layout.ToString().ToLowerInvariant()} images"
            IsExact = true
            IsWhole = false
            Accepts = fun (s: ResampleShape) -> entry.Accepts (&s, layout)
            Images = _.N
            WithImages = fun n s -> s.WithBatch n
            Operands = fun s -> [ (if backward then s.Output else s.Input) ]
            Batches = 1
            GivesImages = true
            Run = run
            Twin = twin
            Magnitude = fun s operands -> twin s (absolute operands)
            Length =
                fun s ->
                    if backward then s.Rows.Outputs * s.Columns.Outputs
                    elif s.IsCopy then 0
                    else 4
        }

    /// Every entry of the table of resamplings, forward and backward, in the layouts that it takes.
    let resamplings: Kernel<ResampleShape> list = [
        for entry in ResamplingTable.All do
            for layout in [ Layout.Plain; Layout.Blocked ] do
                if not (entry :? NaiveResamplingAlgorithm && layout = Layout.Blocked) then
                    yield resampling entry layout false
                    yield resampling entry layout true
    ]
