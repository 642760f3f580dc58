namespace Fovea.Invariants

open System
open Fovea
open Fovea.Core.Shapes

/// Checks of functions of tensors.
module internal Functions =

    let private shapeOf (extents: int list) = Shape.Of (Array.ofList extents)

    // Float32 sums of a few thousand products, with room for a transform's error.
    let private tolerance = 1e-4f

    let linearity (f: Tensor -> Tensor) extents =
        let shape = shapeOf extents
        let x, y = Numbers.whole shape 1, Numbers.whole shape 2
        let together = f (2f * x - 3f * y)
        let apart = 2f * f x - 3f * f y
        let scale = 1f + apart.NormMax ()

        if together.Shape <> apart.Shape then
            Fails $"linearity: results are {together.Shape} and {apart.Shape}"
        elif together.MaxDifference apart <= tolerance * scale then
            Holds $"linearity: f (2x - 3y) = 2 f x - 3 f y for inputs {shape}"
        else
            Fails
                $"linearity: f (2x - 3y) and 2 f x - 3 f y differ by up to {together.MaxDifference apart} for inputs {shape}"

    let private inner (a: Tensor) (b: Tensor) =
        Seq.map2 (fun (a: float32) (b: float32) -> float a * float b) a.Values b.Values |> Seq.sum

    let private size (a: Tensor) (b: Tensor) =
        Seq.map2 (fun (a: float32) (b: float32) -> abs (float a * float b)) a.Values b.Values |> Seq.sum

    let adjoint (f: Tensor -> Tensor) (g: Tensor -> Tensor) extents =
        let x = Numbers.whole (shapeOf extents) 1
        let fx = f x
        let y = Numbers.whole fx.Shape 2
        let gy = g y

        if gy.Shape <> x.Shape then
            Fails $"adjoint: g gives {gy.Shape}, f takes {x.Shape}"
        else
            let left, right = inner fx y, inner x gy
            let sentence = $"⟨f x, y⟩ = {left:g9} and ⟨x, g y⟩ = {right:g9} for inputs {x.Shape}"

            if abs (left - right) <= float tolerance * (1.0 + size fx y) then
                Holds $"adjoint: {sentence}"
            else
                Fails $"adjoint: {sentence}"

    let equivariance (f: Tensor -> Tensor) step extents =
        let shape = shapeOf extents
        let height, width = shape[-2], shape[-1]
        let middle length i = i >= length / 3 && i < length - length / 3 - step

        // Numbers in the middle third, so that moving them takes nothing over the border.
        let drawn = Numbers.whole shape 1
        let place i = i / width % height, i % width

        let x =
            Tensor.Wrap (
                shape,
                Array.mapi
                    (fun i v -> if middle height (fst (place i)) && middle width (snd (place i)) then v else 0f)
                    drawn.Values
            )

        let moved = Tensor.Zeros shape

        for i in 0 .. x.Count - 1 do
            if x.Values[i] <> 0f then
                moved.Values[i + step * width + step] <- x.Values[i]

        let before, after = f x, f moved
        let rows, columns = before.Shape[-2], before.Shape[-1]
        let inner length i = i >= length / 6 && i < length - length / 6 - 1
        let scale = 1f + before.NormMax ()

        let differs i =
            let p, q = i / columns % rows, i % columns

            inner rows p
            && inner columns q
            && not (abs (before.Values[i] - after.Values[i + columns + 1]) <= tolerance * scale)

        if before.Shape <> after.Shape then
            Fails $"equivariance: results are {before.Shape} and {after.Shape}"
        else
            match Seq.init before.Count id |> Seq.tryFind differs with
            | Some i ->
                Fails
                    $"equivariance: the input moved by {step}, and the output at {Numbers.place before.Shape i}, {before.Values[i]}, did not move by one, where {after.Values[i + columns + 1]} is"
            | None -> Holds $"equivariance: inputs {shape} that move by {step} move the output by one"

/// The checks of networks by their public names.
module Networks =

    /// See `Check.gradient`.
    let gradient (network: Network) = NetworkChecks.gradientOf network

    /// See `Check.agreement`.
    let agreement (network: Network) = NetworkChecks.agreementOf network

    /// See `Check.sameBits`.
    let sameBits (network: Network) = NetworkChecks.sameBitsOf network

    /// See `Check.translationEquivariance`.
    let translationEquivariance (network: Network) = NetworkChecks.translationEquivarianceOf network

    /// See `Check.all`.
    let all (network: Network) =
        Outcome.both [ gradient network; agreement network; sameBits network; translationEquivariance network ]

/// The checks of kernels over given sizes.
module internal Sizes =

    let private over (kernels: Kernel<'sizes> list) sizes seed =
        kernels
        |> List.filter (fun kernel -> kernel.Accepts sizes)
        |> List.collect (fun kernel -> [
            KernelChecks.agreement kernel sizes seed
            KernelChecks.sameBits kernel sizes seed
        ])
        |> Outcome.both

    let convolution (sizes: ConvShape) seed = over Kernels.convolutions sizes seed

    let pool (sizes: PoolShape) seed =
        Outcome.both [
            over Kernels.maxPoolings sizes seed
            if sizes.Vertical.Dilation = 1 && sizes.Horizontal.Dilation = 1 then
                over Kernels.averagePoolings sizes seed
        ]
