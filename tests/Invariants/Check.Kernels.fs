namespace Fovea.Invariants

open System
open Fovea
open Fovea.Core.Dispatch
open Fovea.Core.Shapes

/// Checks of kernels: of every entry of the dispatch tables, over given sizes, with numbers from a seed.
module internal KernelChecks =

    // Started once, for the life of the process.
    let threads = lazy ([ 1; 2; 4 ] |> List.map (fun count -> new Workers (count)))

    let private conditions =
        lazy (threads.Force () |> List.map (fun workers -> { Workers = workers; Lanes = 0f; LanesAreZero = true }))

    let private alone = lazy (List.head (conditions.Force ()))

    let private operands (kernel: Kernel<'sizes>) (sizes: 'sizes) (numbers: Shape -> int -> Tensor) seed =
        kernel.Operands sizes |> List.mapi (fun i shape -> (numbers shape (seed + i)).Values)

    let private describe (kernel: Kernel<'sizes>) (sizes: 'sizes) seed = $"{kernel.Name}, {sizes}, seed {seed}"

    /// A run whose fault becomes a sentence.
    let private run (kernel: Kernel<'sizes>) conditions sizes operands =
        try
            Ok (kernel.Run conditions sizes operands)
        with fault ->
            Error fault.Message

    // Half a unit in the last place of 1, in float32.
    let private unit = 1.0 / float (1 <<< 24)

    /// How far a result may be from the exact one, by the sum of absolute values behind it: rounding errors of a sum of n
    /// products walk randomly, so that their share grows with √n.
    let private tolerance (kernel: Kernel<'sizes>) sizes =
        let length = float (kernel.Length sizes)

        match kernel.IsExact, length with
        | _, 0.0 -> 0.0
        | true, _ -> 2.0 * (4.0 + sqrt length) * unit
        // F(4×4, 3×3) adds numbers up to 25 times as large as the result, twice along each axis.
        | false, _ -> 30.0 * (4.0 + sqrt length) * unit

    let private rms (values: float[]) =
        if values.Length = 0 then 0.0 else sqrt (Array.averageBy (fun v -> v * v) values)

    let private worst (tolerated: float[]) (expected: float[]) (actual: float32[]) =
        let excess i =
            let error = abs (float actual[i] - expected[i])

            if Double.IsNaN error then infinity
            elif error <= tolerated[i] then 0.0
            else error

        Seq.init expected.Length (fun i -> i, excess i)
        |> Seq.filter (fun (_, excess) -> excess > 0.0)
        |> Seq.sortByDescending snd
        |> Seq.tryHead

    let private against (kernel: Kernel<'sizes>) sizes seed (numbers: Shape -> int -> Tensor) exactly =
        let operands = operands kernel sizes numbers seed

        match run kernel (alone.Force ()) sizes operands with
        | Error fault -> Fails $"{describe kernel sizes seed}: {fault}"
        | Ok actual ->
            let wide = operands |> List.map Numbers.wide
            let expected = kernel.Twin sizes wide
            let magnitude = kernel.Magnitude sizes wide |> Array.map abs

            let tolerated =
                if exactly then
                    Array.zeroCreate expected.Length
                elif kernel.IsExact then
                    magnitude |> Array.map (fun m -> m * tolerance kernel sizes)
                else
                    // A transform mixes a tile's pixels and all of the window's weights, also those that meet no pixel: the
                    // largest sum sets the scale, or the one that there would be.
                    let scale =
                        max
                            (Array.fold max 0.0 magnitude)
                            (float (kernel.Length sizes) * (wide |> List.truncate 2 |> List.map rms |> List.reduce (*)))

                    Array.create expected.Length (scale * tolerance kernel sizes)

            match worst tolerated expected actual with
            | Some (i, _) ->
                Fails
                    $"{describe kernel sizes seed}: element {i} of {expected.Length} is {actual[i]}, its naive twin says {expected[i]} (tolerated: {tolerated[i]:g3})"
            | None -> Holds $"{kernel.Name} agrees with its naive twin over {sizes}"

    let agreement kernel sizes seed = against kernel sizes seed Numbers.normal false

    let exactness (kernel: Kernel<'sizes>) sizes seed = against kernel sizes seed Numbers.whole kernel.IsWhole

    let sameBits (kernel: Kernel<'sizes>) sizes seed =
        let operands = operands kernel sizes Numbers.normal seed

        let results =
            conditions.Force ()
            |> List.map (fun some ->
                some.Workers.Count, run kernel some sizes operands |> Result.map (Array.map Numbers.bits))

        match results |> List.tryFind (fun (_, result) -> result <> snd results.Head) with
        | Some (count, Ok other) ->
            let first = snd results.Head |> Result.defaultValue [||]
            let i = Seq.zip first other |> Seq.findIndex (fun (a, b) -> a <> b)
            Fails $"{describe kernel sizes seed}: element {i} has other bits with {count} workers than with 1"
        | Some (count, Error fault) -> Fails $"{describe kernel sizes seed}, {count} workers: {fault}"
        | None -> Holds $"{kernel.Name} has the same bits with 1, 2 and 4 workers over {sizes}"

    let sameBitsAs (kernel: Kernel<'sizes>) (other: Kernel<'sizes>) sizes seed =
        let operands = operands kernel sizes Numbers.normal seed
        let run kernel = run kernel (alone.Force ()) sizes operands |> Result.map (Array.map Numbers.bits)

        match run kernel, run other with
        | Ok expected, Ok actual when expected = actual ->
            Holds $"{kernel.Name} and {other.Name} have the same bits over {sizes}"
        | Ok expected, Ok actual ->
            let i = Seq.zip expected actual |> Seq.findIndex (fun (a, b) -> a <> b)
            Fails $"{describe other sizes seed}: element {i} has other bits than with {kernel.Name}"
        | Error fault, _
        | _, Error fault -> Fails $"{describe other sizes seed}: {fault}"

    let independence (kernel: Kernel<'sizes>) sizes seed =
        let n = kernel.Images sizes
        let operands = operands kernel sizes Numbers.normal seed
        let one = kernel.WithImages 1 sizes
        let two = conditions.Force () |> List.item 1

        let image i =
            operands
            |> List.mapi (fun o values ->
                if o < kernel.Batches then
                    let size = values.Length / n
                    Array.sub values (i * size) size
                else
                    values)

        let together = run kernel two sizes operands

        let differs i =
            match together, run kernel two one (image i) with
            | Ok together, Ok alone ->
                let own = Array.sub together (i * alone.Length) alone.Length
                Array.map Numbers.bits own <> Array.map Numbers.bits alone
            | _ -> true

        if not kernel.GivesImages || n = 0 then
            Holds $"{kernel.Name} gives no images over {sizes}"
        else
            match Seq.init n id |> Seq.tryFind differs with
            | Some i -> Fails $"{describe kernel sizes seed}: image {i} of {n} has other bits than it has alone"
            | None -> Holds $"{kernel.Name} gives every image of {sizes} the bits that it has alone"

    type private Kind =
        | Finite
        | NotANumber
        | Infinite of positive: bool

    let private kind value =
        if Double.IsNaN value then NotANumber
        elif Double.IsInfinity value then Infinite (value > 0.0)
        else Finite

    let specials (kernel: Kernel<'sizes>) sizes seed =
        let operands =
            kernel.Operands sizes
            |> List.mapi (fun i shape ->
                let numbers = Numbers.normal shape (seed + i)
                // In images only: what padding times an infinite weight is, is nobody's business.
                (if i = 0 then Numbers.withSpecials numbers seed else numbers).Values)

        // What stands past the last channel is then NaN as well: the next check says that nobody minds.
        match run kernel { alone.Force () with LanesAreZero = false } sizes operands with
        | Error fault -> Fails $"{describe kernel sizes seed}: {fault}"
        | Ok actual ->
            let expected = kernel.Twin sizes (operands |> List.map Numbers.wide)

            let differs i =
                match kind expected[i], kind (float actual[i]) with
                | expected, actual when expected = actual -> false
                // A transform spreads NaN and infinities over its tile, and makes NaN of infinities.
                | Finite, _ -> kernel.IsExact
                | _, NotANumber -> kernel.IsExact
                | _ -> true

            match Seq.init expected.Length id |> Seq.tryFind differs with
            | Some i ->
                Fails $"{describe kernel sizes seed}: element {i} is {actual[i]}, its naive twin says {expected[i]}"
            | None -> Holds $"{kernel.Name} hands NaN and infinities on over {sizes}"

    let lanes (kernel: Kernel<'sizes>) sizes seed =
        let operands = operands kernel sizes Numbers.normal seed
        let ofNaN = { alone.Force () with Lanes = nanf; LanesAreZero = false }

        match run kernel (alone.Force ()) sizes operands, run kernel ofNaN sizes operands with
        | Ok expected, Ok actual when Array.map Numbers.bits expected = Array.map Numbers.bits actual ->
            Holds $"{kernel.Name} does not read past the last channel over {sizes}"
        | Ok _, Ok _ -> Fails $"{describe kernel sizes seed}: a channel depends on what stands past the last channel"
        | Error fault, _
        | _, Error fault -> Fails $"{describe kernel sizes seed}: {fault}"
