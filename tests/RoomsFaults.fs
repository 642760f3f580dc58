// Types that break the rules of RoomsTests.fs, each in a namespace of this assembly named like the room that it
// stands in for: they show that every rule can fail.

namespace Fovea.Core.Kernels

open System.Runtime.CompilerServices

type internal FaultyKernel() =
    [<MethodImpl(MethodImplOptions.NoInlining)>]
    static member Run (values: float[]) = values.Length

namespace Fovea.Core.Dispatch

type internal FaultyTable() =
    static member Run () = 0

namespace Fovea.Core.Memory

type internal FaultyArena() =
    member val Size = 0

namespace Fovea.Core.Training

type internal FaultyOptimizer() =
    member val Rate = 0.1

namespace Fovea.Core.Tensors

type internal FaultyTensor() =
    member val Length = 0

namespace Fovea

/// By a field.
type internal FaultyModel(arena: Fovea.Core.Memory.FaultyArena) =
    /// By a local variable, and a call.
    member _.Size =
        let table = Fovea.Core.Dispatch.FaultyTable ()
        arena.Size + table.GetHashCode ()

    member _.Window (values: float[]) = System.ReadOnlySpan(values, 0, 1).Length
    member _.Sum = Fovea.Core.Kernels.FaultyKernel.Run [||]
    member _.Replay = FsCheck.Rnd 1UL

namespace Fovea.Core.Shapes

/// By an argument of a generic type.
type internal FaultyShape() =
    member _.Tensors: Fovea.Core.Tensors.FaultyTensor list = []

namespace Fovea.Core.Kernels

/// By its base.
type internal FaultyConvolution() =
    inherit Fovea.Core.Tensors.FaultyTensor()

namespace Fovea.Core.Layers

/// By a call alone.
type internal FaultyLayer() =
    member _.Forward () = Fovea.Core.Kernels.FaultyKernel.Run [||]
    member _.Rate = Fovea.Core.Training.FaultyOptimizer().Rate

namespace Fovea.Core.Training

type internal FaultyMomentum(layer: Fovea.Core.Layers.FaultyLayer) =
    member _.Step () = layer.Forward ()

namespace Fovea.Core.Plans

open System
open System.Threading

type internal FaultyPlan() =
    member _.Draw = Random().Next 3
    member _.Now = DateTime.UtcNow
    member _.Log () = Console.WriteLine ()
    member _.Model (model: Fovea.FaultyModel) = model.Size
    member _.Worker = Thread (fun () -> ())

    member _.Buffer =
        let buffer = Runtime.InteropServices.Marshal.AllocHGlobal 16
        Runtime.InteropServices.Marshal.FreeHGlobal buffer
        ()
