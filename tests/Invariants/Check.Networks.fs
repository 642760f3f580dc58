namespace Fovea.Invariants

open System
open Fovea
open Fovea.Core.Dispatch
open Fovea.Core.Layers
open Fovea.Core.Plans
open Fovea.Core.Randomness

/// Checks of whole networks.
module internal NetworkChecks =

    // ---- Gradients against central differences ----

    /// Something that is moved a little to see how the loss moves: one number, or many at once.
    type private Direction = { What: string; Steps: (int * float) list; Slope: float; Scale: float }

    let private largest (values: float[]) = values |> Array.fold (fun most v -> max most (abs v)) 0.0

    // Some single numbers of an array, and one direction through all of them.
    let private directions seed what (gradient: float[]) =
        let random = CounterRandom (RandomKey.Of(seed).Child(what: string))
        let count = gradient.Length
        let chosen = if count <= 16 then [ 0 .. count - 1 ] else List.init 16 (fun _ -> random.Next count)
        let scale = largest gradient

        let single = [
            for i in chosen -> { What = $"{what}[{i}]"; Steps = [ i, 1.0 ]; Slope = gradient[i]; Scale = scale }
        ]

        let steps = List.init count (fun i -> i, (if random.Next 2 = 0 then 1.0 else -1.0) / sqrt (float count))
        let slope = steps |> List.sumBy (fun (i, step) -> step * gradient[i])

        let through = {
            What = $"{what} along a random direction"
            Steps = steps
            Slope = slope
            Scale = scale * sqrt (float count)
        }

        if count > 1 then through :: single else single

    let private moved (values: float[]) steps by =
        let copy = Array.copy values

        for i, step in steps do
            copy[i] <- copy[i] + by * step

        copy

    let gradientOf (network: Network) =
        let count = 2
        let input = Runs.images network count |> Numbers.wide
        let parameters = Runs.wide network
        let witness = Runs.witness network parameters input count
        let outputGradient = Array.zeroCreate<float> witness.Output.Length
        let loss = Runs.lossOf network count witness.Output outputGradient
        witness.Backward (ReadOnlySpan outputGradient)

        let lossAt parameters input =
            Runs.lossOf network count (Runs.witness network parameters input count).Output [||]

        // Central differences: h²·f‴/6 is lost by the step, ε·f/h by rounding. A user's own stage rounds to float32.
        let steps, tolerance, rounding =
            if Runs.isCustom network then [ 1e-2; 3e-3 ], 2e-2, 1e-5 else [ 1e-5; 1e-6; 1e-7 ], 1e-6, 1e-14

        let error lossAlong direction step =
            let slope = (lossAlong direction.Steps step - lossAlong direction.Steps -step) / (2.0 * step)
            let allowed = tolerance * direction.Scale + rounding * (1.0 + abs loss) / step
            slope, abs (slope - direction.Slope), allowed

        // Where a step crosses a corner of ReLU or of a maximum, a shorter one does not.
        let check lossAlong direction =
            let tried = steps |> Seq.map (error lossAlong direction) |> Seq.cache

            match tried |> Seq.tryFind (fun (_, error, allowed) -> error <= allowed) with
            | Some (_, error, _) -> Ok (error / (direction.Scale + 1e-30))
            | None ->
                let slope, _, _ = Seq.head tried
                Error $"d loss / d {direction.What} is {direction.Slope:g9}, central differences say {slope:g9}"

        let along place (steps: (int * float) list) by =
            match place with
            | None -> lossAt parameters (moved input steps by)
            | Some p ->
                lossAt
                    (parameters |> Array.mapi (fun i values -> if i = p then moved values steps by else values))
                    input

        let results = [
            for direction in directions network.Seed "input" witness.InputGradient do
                yield lazy (check (along None) direction)

            for p in 0 .. parameters.Length - 1 do
                let parameter = network.Graph.Parameters[p]

                if parameter.Spec.Role <> Fovea.Core.Tensors.ParameterRole.Buffer then
                    for direction in directions network.Seed parameter.Name witness.Gradients[p] do
                        yield lazy (check (along (Some p)) direction)
        ]

        let fault =
            function
            | Error sentence -> Some sentence
            | Ok _ -> None

        match results |> Seq.tryPick (fun result -> fault (result.Force ())) with
        | Some sentence -> Fails $"gradient: {sentence}"
        | None ->
            let worst = results |> Seq.map (fun r -> r.Force () |> Result.defaultValue 0.0) |> Seq.fold max 0.0

            Holds
                $"gradient: {results.Length} slopes of the loss, with respect to the input and {parameters.Length} parameters, are those of central differences (worst relative error {worst:g2})"

    // ---- Sessions against the witness ----

    let private compare what tolerance (expected: float[]) (actual: float32[]) =
        // Errors of later layers are on the scale of the whole tensor.
        let allowed = tolerance * (1e-3 + largest expected)
        let error = Seq.map2 (fun e (a: float32) -> abs (e - float a)) expected actual
        let fits error = error <= allowed

        match error |> Seq.tryFindIndex (fits >> not) with
        | _ when expected.Length <> actual.Length ->
            Error $"{what} has {actual.Length} elements, {expected.Length} were expected"
        | Some i -> Error $"{what}: element {i} is {actual[i]}, in double precision it is {expected[i]:g9}"
        | None -> Ok ()

    let private firstError results =
        results
        |> Seq.tryPick (function
            | Error sentence -> Some sentence
            | Ok () -> None)

    let private plans mode count = [
        "trained exactly",
        PlanOptions (count, mode, ParameterGradients = true, InputGradient = true, Exact = true),
        1e-4
        "trained", PlanOptions (count, mode, ParameterGradients = true, InputGradient = true), 1e-3
        "kept", PlanOptions (count, mode, ParameterGradients = true, InputGradient = true, KeepOutputs = true), 1e-3
        "for the input alone", PlanOptions (count, mode, InputGradient = true), 1e-3
        "in use", PlanOptions (count, mode), 1e-3
        "trained in groups", PlanOptions (count, mode, ParameterGradients = true, InputGradient = true, Group = 2), 1e-3
        "in use, image by image", PlanOptions (count, mode, Group = 1), 1e-3
        "in a larger session", PlanOptions (count + 3, mode, ParameterGradients = true, InputGradient = true), 1e-3
    ]

    let private agreementOnce (network: Network) count =
        let input = Runs.images network count
        let witness = Runs.witness network (Runs.wide network) (Numbers.wide input) count
        let outputGradient = Array.zeroCreate<float> witness.Output.Length
        Runs.lossOf network count witness.Output outputGradient |> ignore
        let outputGradient32 = outputGradient |> Array.map float32
        witness.Backward (ReadOnlySpan (Numbers.wide outputGradient32))

        let check (name, options: PlanOptions, tolerance) =
            let output, inputGradient, gradients =
                Runs.session network options Workers.Shared count input outputGradient32

            seq {
                yield compare $"{name}: the output" tolerance witness.Output output

                if options.InputGradient then
                    yield compare $"{name}: the input's gradient" tolerance witness.InputGradient inputGradient

                if options.ParameterGradients then
                    for p, gradient in List.indexed gradients do
                        let parameter = network.Graph.Parameters[p]

                        if parameter.Trains && parameter.Spec.Role <> Fovea.Core.Tensors.ParameterRole.Buffer then
                            yield
                                compare
                                    $"{name}: the gradient of {parameter.Name}"
                                    tolerance
                                    witness.Gradients[p]
                                    gradient
                        elif gradient.Length > 0 then
                            yield Error $"{name}: {parameter.Name} does not train and has a gradient"
            }

        plans network.Mode count |> Seq.collect check |> firstError

    let agreementOf (network: Network) =
        // Where rounding turns the sign under a ReLU or the order in a maximum, gradients differ by a whole element. That
        // is nobody's fault and does not happen with other numbers again, as a wrong kernel does.
        let tries = [
            network
            { network with Seed = network.Seed + 1000 }
            { network with Seed = network.Seed + 2000 }
        ]

        let faults = tries |> Seq.map (fun network -> agreementOnce network 3)

        if faults |> Seq.exists Option.isNone then
            Holds
                "agreement: what sessions compute in float32, forward and backward, is what the definitions say in double precision"
        else
            Fails $"agreement: {faults |> Seq.head |> Option.get}"

    // ---- The same bits ----

    let sameBitsOf (network: Network) =
        let count = 3
        let input = Runs.images network count
        let outputGradient = (Numbers.normal (network.Graph.OutputShape.Prepend count) (network.Seed + 3)).Values
        let bits = Array.map Numbers.bits

        // The batch as a whole, and its images one by one, which workers may share out.
        let all = PlanOptions (count, network.Mode, ParameterGradients = true, InputGradient = true)
        let alone = PlanOptions (count, network.Mode, ParameterGradients = true, InputGradient = true, Group = 1)

        let run workers = [
            for options in [ all; alone ] do
                let output, inputGradient, gradients = Runs.session network options workers count input outputGradient
                "the output", bits output
                "the input's gradient", bits inputGradient

                for p, gradient in List.indexed gradients do
                    $"the gradient of {network.Graph.Parameters[p].Name}", bits gradient
        ]

        let results = KernelChecks.threads.Force () |> List.map (fun workers -> workers.Count, run workers)

        let different = seq {
            for count, result in results do
                for (what, expected), (_, actual) in List.zip (snd results.Head) result do
                    if expected <> actual then
                        $"same bits: {what} has other bits with {count} workers than with 1"
        }

        match Seq.tryHead different with
        | Some sentence -> Fails sentence
        | None -> Holds "same bits: 1, 2 and 4 workers give the same bits, forward and backward"

    // ---- Translation ----

    let rec private spreads stage =
        match stage with
        | Layer layer ->
            layer :? GlobalAvgPool
            || layer :? GlobalMaxPool
            || layer :? AdaptivePool2d
            || layer :? Upsample
            || layer :? ConvTranspose2d
            || layer :? MaxUnpool2d
            || layer :? MaxUnpool1d
            || layer :? Flatten
            || layer :? Softmax
            || layer :? LogSoftmax
            || layer :? GroupNorm
            || layer :? InstanceNorm
            || (layer :? LayerNorm && layer.Kind = "layerNorm")
            || layer :? Dense
            || layer :? LocallyConnected2d
        | Residual (a, b) -> List.exists spreads (a @ b)
        | Parallel (branches, _) -> List.exists (List.exists spreads) branches
        | Gated stages
        | Named (_, stages)
        | Tagged (_, stages)
        | Shared (_, stages)
        | Frozen stages
        | BiasesOnly stages -> List.exists spreads stages

    let private over input stages =
        List.fold (fun pipeline stage -> Pipeline.add stage pipeline) (Pipeline.ofShape input) stages

    // The outputs along an axis whose fields lie wholly inside the input.
    let private inside (field, step, start) (length: int) outputs = [
        for o in 0 .. outputs - 1 do
            if start + o * step >= 0 && start + o * step + field <= length then
                o
    ]

    let translationEquivarianceOf (network: Network) =
        let stages = network.Pipeline.Stages |> List.takeWhile (spreads >> not)
        let own = network.Pipeline.Input

        if own.Rank <> 3 || stages.IsEmpty then
            Holds "translation: there is no stage that slides over images"
        else
            let reach pipeline =
                let field = Pipeline.receptiveField pipeline
                // No stage before the first that enlarges has a step of less than a pixel.
                let axis part part' = part field.Field, int (part' field.Step: float), part field.Start
                axis fst fst, axis snd snd

            // Wide enough that some outputs do not see the border.
            let (fieldV, stepV, _), (fieldH, stepH, _) = reach (over own stages)
            let shape = Shape.Of [| own[0]; fieldV + 6 * stepV + 1; fieldH + 6 * stepH + 2 |]
            let wide = over shape stages
            let vertical, horizontal = reach wide
            let graph = Pipeline.graph wide

            let byName =
                Seq.zip network.Graph.Parameters network.Values |> Seq.map (fun (p, value) -> p.Name, value) |> dict

            let values = graph.Parameters |> Seq.map (fun p -> Numbers.wide byName[p.Name].Values) |> Array.ofSeq

            let x = Numbers.normal shape network.Seed
            let fresh = Numbers.normal shape (network.Seed + 1)

            let shifted =
                Tensor.Generate (
                    shape[0],
                    shape[1],
                    shape[2],
                    fun c i j -> if i >= stepV && j >= stepH then x[c, i - stepV, j - stepH] else fresh[c, i, j]
                )

            let run (image: Tensor) = (Witness<float>(graph, values, Numbers.wide image.Values, 1)).Output
            let before, after = run x, run shifted
            let output = graph.OutputShape
            let at (values: float[]) c p q = values[(c * output[1] + p) * output[2] + q]
            let rows, columns = inside vertical shape[1] output[1], inside horizontal shape[2] output[2]

            let places = [
                for c in 0 .. output[0] - 1 do
                    for p in rows do
                        for q in columns do
                            if List.contains (p + 1) rows && List.contains (q + 1) columns then
                                c, p, q
            ]

            let differs (c, p, q) =
                let expected, actual = at before c p q, at after c (p + 1) (q + 1)
                not (abs (expected - actual) <= 1e-6 * (1.0 + abs expected))

            match List.tryFind differs places with
            | _ when places.IsEmpty ->
                Fails "translation: no output lies away from the border; the receptive field is told too large"
            | Some (c, p, q) ->
                Fails
                    $"translation: the image moved by ({stepV}, {stepH}) and the output at ({c}, {p}, {q}), {at before c p q:g6}, did not move to ({c}, {p + 1}, {q + 1}), where {at after c (p + 1) (q + 1):g6} is"
            | None ->
                Holds
                    $"translation: an image that moves by ({stepV}, {stepH}) pixels moves the output of {stages.Length} stages by one, at all {places.Length} places away from the border"
