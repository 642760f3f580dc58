namespace Fovea

open System
open System.Collections.Generic
open Fovea.Core.Layers
open Fovea.Core.Plans
open Fovea.Core.Randomness
open Fovea.Core.Tensors

/// A parameter that a stage of one's own wants.
type Wanted = {
    /// Its name within the stage, such as "scale".
    Name: string
    /// Its extents.
    Extents: int list
    /// Its initial value, from a seed that is this parameter's own.
    Initial: int -> Tensor
}

/// Stages of one's own, from functions on tensors of a whole batch.
[<AutoOpen; AbstractClass; Sealed>]
type CustomStages =

    static member private Spec wanted =
        let create (shape: Shape) (key: RandomKey) =
            let value = wanted.Initial (int key.Value)

            if value.Shape = shape then
                value
            else
                raise (
                    Fovea.Core.Shapes.ShapeException (
                        wanted.Name,
                        $"its extents are {shape} and its initial value is {value.Shape}",
                        "make them equal"
                    )
                )

        ParameterSpec (wanted.Name, ParameterRole.Weight, Shape.Of (Array.ofList wanted.Extents), Func<_, _, _> create)

    /// A stage without parameters: `stage ("square", (fun x -> x * x), (fun x y dy -> 2f * x * dy))`, from y = forward x
    /// and dx = backward x y dy. The output has the input's shape unless `shape` says the shape of one image's output
    /// from that of one image.
    static member stage
        (name: string, forward: Tensor -> Tensor, backward: Tensor -> Tensor -> Tensor -> Tensor, ?shape: Shape -> Shape) : Pipeline
            -> Pipeline
        =
        CustomStages.stageWith (
            name,
            (fun _ -> []),
            (fun _ x -> forward x),
            (fun _ x y dy -> backward x y dy, []),
            ?shape = shape
        )

    /// A stage with parameters of its own, which are wanted for the shape of one image: y = forward parameters x, and
    /// (dx, the parameters' gradients) = backward parameters x y dy.
    static member stageWith
        (
            name: string,
            parameters: Shape -> Wanted list,
            forward: Tensor list -> Tensor -> Tensor,
            backward: Tensor list -> Tensor -> Tensor -> Tensor -> Tensor * Tensor list,
            ?shape: Shape -> Shape
        ) : Pipeline -> Pipeline =
        let backwards (x: Tensor) (weights: IReadOnlyList<Tensor>) y dy =
            let dx, gradients = backward (List.ofSeq weights) x y dy
            struct (dx, ResizeArray gradients :> IReadOnlyList<Tensor>)

        let functions =
            CustomFunctions (
                Func<_, _, _>(fun x weights -> forward (List.ofSeq weights) x),
                Func<_, _, _, _, _>(fun x weights y dy -> backwards x weights y dy)
            )

        layer (
            CustomLayer (
                name,
                Func<_, _>(defaultArg shape id),
                Func<_, _>(fun input ->
                    parameters input |> List.map CustomStages.Spec |> ResizeArray :> IReadOnlyList<_>),
                functions
            )
        )
