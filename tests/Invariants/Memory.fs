namespace Fovea.Invariants

// Kernels speak pointers; this file alone hands them out.
#nowarn "9"

open System
open Microsoft.FSharp.NativeInterop
open Fovea.Core.Dispatch
open Fovea.Core.Memory
open Fovea.Core.Shapes

/// Memory for a kernel, full of NaN beforehand, between two guards: an element that was not written shows, and so does
/// one that was written outside.
type internal Block(name: string, floats: int64) =
    static let guard = 64L
    static let poison = BitConverter.UInt32BitsToSingle 0x7FC0BAD0u
    let memory = new AlignedMemory (floats + 2L * guard)
    let at (offset: int64) = NativePtr.add memory.Start (int offset)
    let span (offset: int64) (count: int64) = Span<float32>(NativePtr.toVoidPtr (at offset), int count)
    do (span 0L (floats + 2L * guard)).Fill poison

    /// The first element; behind it as many as were asked for.
    member _.Pointer = at guard

    /// The first element as bytes.
    member _.Bytes: nativeptr<byte> = at guard |> NativePtr.toNativeInt |> NativePtr.ofNativeInt

    /// The elements.
    member _.Span = span guard floats

    /// Writes at a place, inside or outside.
    static member Write (block: Block, place: int, value: float32) = NativePtr.set block.Pointer place value

    /// Raises where something was written beside the elements.
    member _.RequireGuards () =
        let isPoison (value: float32) = BitConverter.SingleToUInt32Bits value = BitConverter.SingleToUInt32Bits poison
        let intact offset = (span offset guard).ToArray() |> Array.forall isPoison

        if not (intact 0L) then
            failwith $"something was written before {name}"

        if not (intact (guard + floats)) then
            failwith $"something was written behind {name}"

    interface IDisposable with
        member _.Dispose () = (memory :> IDisposable).Dispose()

/// Under which conditions a kernel is run.
type internal Conditions = {
    /// The threads.
    Workers: Workers
    /// What the lanes past the last channel of its input hold.
    Lanes: float32
    /// Whether those of its output must then hold zero.
    LanesAreZero: bool
}

/// The blocks of one run of a kernel.
type internal Guarded(conditions: Conditions) =
    let blocks = ResizeArray<Block>()
    let workers = conditions.Workers

    // Runs over the lanes past the last channel of a batch, and writes what a function makes of them.
    let lanes (block: Block) (batch: ImageBatch) change =
        if batch.Layout = Layout.Blocked && batch.C % Blocks.Width <> 0 then
            let imageFloats, blockFloats = int batch.ImageFloats, batch.Pixels * Blocks.Width
            let span = block.Span

            for n in 0 .. batch.N - 1 do
                for pixel in 0 .. batch.Pixels - 1 do
                    for lane in batch.C % Blocks.Width .. Blocks.Width - 1 do
                        let place = (n + 1) * imageFloats - blockFloats + pixel * Blocks.Width + lane
                        span[place] <- change span[place]

    /// The threads.
    member _.Workers = workers

    /// No memory at all.
    static member Nothing<'a when 'a: unmanaged> () : nativeptr<'a> = NativePtr.nullPtr

    /// A block of so many floats.
    member _.Take (name, floats) =
        let block = new Block (name, floats)
        blocks.Add block
        block

    /// A block with these values.
    member this.Of (name, values: float32[]) =
        let block = this.Take (name, int64 values.Length)
        values.AsSpan().CopyTo block.Span
        block

    /// The first of these integers.
    member this.Of (name, values: int[]) : nativeptr<int> =
        let block = this.Take (name, int64 values.Length)
        let bits = values |> Array.map BitConverter.Int32BitsToSingle
        bits.AsSpan().CopyTo block.Span
        block.Pointer |> NativePtr.toNativeInt |> NativePtr.ofNativeInt

    /// A block with images in the layout of a batch.
    member this.Of (name, values: float32[], batch: ImageBatch) =
        use plain = new Block (name, int64 values.Length)
        values.AsSpan().CopyTo plain.Span
        let block = this.Take (name, batch.Floats)

        Images.Convert (
            batch.N,
            batch.C,
            batch.Pixels,
            plain.Pointer,
            Layout.Plain,
            block.Pointer,
            batch.Layout,
            workers
        )

        lanes block batch (fun _ -> conditions.Lanes)
        block

    /// The images of a block, plain. Raises where a lane past the last channel does not hold the zero that it must.
    member _.Plain (block: Block, batch: ImageBatch) =
        let values = Array.zeroCreate<float32>(batch.N * batch.C * batch.Pixels)
        use plain = new Block ("the result", int64 values.Length)

        Images.Convert (
            batch.N,
            batch.C,
            batch.Pixels,
            block.Pointer,
            batch.Layout,
            plain.Pointer,
            Layout.Plain,
            workers
        )

        plain.Span.CopyTo (values.AsSpan ())

        if conditions.LanesAreZero then
            lanes block batch (fun value ->
                if value <> 0f then
                    failwith $"a lane past the last of {batch.C} channels holds {value}, not 0"

                value)

        values

    /// Raises where a guard is broken.
    member _.RequireGuards () =
        for block in blocks do
            block.RequireGuards ()

    interface IDisposable with
        member _.Dispose () =
            for block in blocks do
                (block :> IDisposable).Dispose()
