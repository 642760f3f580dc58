// Writes the straight-line micro-kernels beside this file: dotnet fsi Core/Kernels/Micro/generate.fsx
//
// A micro-kernel keeps a small tile of sums in vector registers. The compiler holds vectors in registers only where
// each is a local variable of its own (an array of accumulators runs at a quarter of the speed), so the tiles are
// written out, one method a tile size. Two families:
//
//   PixelTile   sums[pixel][filters] += x[pixel] · w[filters]      forward, backward input, matrix products
//   WeightTile  sums[tap][filters]   += x[tap]   · dy[filters]     backward weights
//
// in each of them one value of x is broadcast and multiplied with vectors of filters.
//
// With --check nothing is written; the exit code says whether the files are what this program would write.

open System.IO
open System.Text

/// An instruction set: its vector type and how the sixteen filters of a block are cut into tiles of its registers.
type InstructionSet = {
    Name: string // the suffix of the classes
    Vector: string
    Lanes: int
    BlockParts: int // a block of 16 filters is done in this many calls
    PixelTiles: (int * int) list // blocks, most pixels
    WeightBlocks: int list
    WeightRows: int // most taps in a tile of the stem kernel
    Channels: int
} // channels in a tile of the blocked kernel

let avx512 = {
    Name = "512"
    Vector = "Vector512"
    Lanes = 16
    BlockParts = 1
    PixelTiles = [ 1, 14; 2, 14; 4, 7 ] // up to 28 of 32 registers hold sums
    WeightBlocks = [ 1; 2 ]
    WeightRows = 12
    Channels = 8
}

let avx2 = {
    Name = "256"
    Vector = "Vector256"
    Lanes = 8
    BlockParts = 1
    PixelTiles = [ (1, 6) ] // 12 of 16 registers
    WeightBlocks = [ 1 ]
    WeightRows = 6
    Channels = 4
}

let narrow = {
    Name = "128"
    Vector = "Vector128"
    Lanes = 4
    BlockParts = 2
    PixelTiles = [ (1, 6) ]
    WeightBlocks = [ 1 ]
    WeightRows = 6
    Channels = 4
}

let block = 16

/// Channels by which weights are fetched ahead.
let ahead = 16

/// Channels by which they are where these lie far apart: each then is a page of its own.
let near = 8

/// A growing text of indented lines.
type Code() =
    let text = StringBuilder ()
    let mutable depth = 0

    member _.Line (line: string) =
        if line <> "" then
            text.Append(' ', 4 * depth).Append(line) |> ignore

        text.Append '\n' |> ignore

    member code.Block (head: string, body: unit -> unit) =
        code.Line head
        code.Line "{"
        depth <- depth + 1
        body ()
        depth <- depth - 1
        code.Line "}"

    override _.ToString () = text.ToString ()

let offset (pointer: string) (floats: int) = if floats = 0 then pointer else $"{pointer} + {floats}"

/// "y + (2 * yBlock) + 8": where vector v of a tile's filters lies, a block taking several vectors of the narrow sets.
let place (pointer: string) (stride: string) set v =
    let perBlock = block / set.BlockParts / set.Lanes
    let inBlock = v % perBlock * set.Lanes

    match v / perBlock with
    | 0 -> offset pointer inBlock
    | 1 -> offset $"{pointer} + {stride}" inBlock
    | b -> offset $"{pointer} + ({b} * {stride})" inBlock

let vectors set blocks = blocks * block / set.BlockParts / set.Lanes

/// Whether tiles fetch ahead: the instruction is x86's, and so is every machine with the widest vectors.
let fetches set = set.PixelTiles |> List.exists (fun (blocks, _) -> blocks > 1)

let pixelTile (code: Code) set blocks pixels =
    let vs = [ 0 .. vectors set blocks - 1 ]
    let ps = [ 0 .. pixels - 1 ]

    let all text =
        for p in ps do
            for v in vs do
                code.Line (text p v)

    let y p v =
        let at = place "y" "yBlock" set v

        match p with
        | 0 -> at
        | 1 -> $"{at} + yPixel"
        | _ -> $"{at} + ({p} * yPixel)"

    // Pixels that lie far apart are reached from every third of them: an address adds no more than twice a register to another.
    let bases = [ 3..3 .. pixels - 1 ]

    let value p =
        let from = if p < 3 then "a" else $"a{p / 3 * 3}x"

        match p % 3 with
        | 0 when p = 0 -> "*a"
        | 0 -> $"TStep.Spread ? *{from} : a[{p} * TStep.Floats]"
        | 1 -> $"TStep.Spread ? {from}[apart] : a[{p} * TStep.Floats]"
        | _ -> $"TStep.Spread ? {from}[2 * apart] : a[{p} * TStep.Floats]"

    code.Line ""
    code.Line "[MethodImpl(MethodImplOptions.AggressiveOptimization | MethodImplOptions.NoInlining)]"

    code.Block (
        $"public static void P{pixels}B{blocks}<TStep>(Tap* taps, int count, float* x, float* w, float* y, nint yBlock, nint yPixel, float* bias, TileFlags flags, float* ahead, int* lines, nint apart)\n        where TStep : struct, IPixelStep",
        fun () ->
            all (fun p v -> $"{set.Vector}<float> s{p}_{v};")

            code.Block (
                "if ((flags & TileFlags.Accumulate) != 0)",
                fun () -> all (fun p v -> $"s{p}_{v} = {set.Vector}.Load({y p v});")
            )

            code.Block (
                "else if (bias != null && TStep.Turned)",
                fun () ->
                    for p in ps do
                        let sums = vs |> List.map (fun v -> $"s{p}_{v} = ") |> String.concat ""
                        code.Line $"{sums}{set.Vector}.Create(bias[{p}]);"
            )

            code.Block (
                "else if (bias != null)",
                fun () ->
                    for v in vs do
                        let at = offset "bias" (v * set.Lanes)
                        code.Line $"{set.Vector}<float> b{v} = {set.Vector}.Load({at});"

                    all (fun p v -> $"s{p}_{v} = b{v};")
            )

            code.Block ("else", (fun () -> all (fun p v -> $"s{p}_{v} = {set.Vector}<float>.Zero;")))
            code.Line ""
            code.Line "Tap* last = taps + count;"

            if fetches set then
                code.Line $"float* near = w + ({near} * apart);"

            code.Line "float* pixels = w;"
            code.Line ""

            code.Block (
                "do",
                fun () ->
                    code.Line "float* a = TStep.Windowed ? x : x + taps->Offset;"
                    code.Line "float* end = a + (taps->Length * TStep.Next);"
                    code.Block ("if (TStep.Windowed)", (fun () -> code.Line "w = pixels + taps->Offset;"))
                    code.Line ""

                    for p in bases do
                        code.Line $"float* a{p}x = TStep.Spread ? a + ({p} * apart) : a;"

                    code.Line "taps++;"

                    if fetches set then
                        code.Line "float* later = a + apart;"

                        code.Block (
                            "if (TStep.Fetches)",
                            fun () ->
                                code.Line "Sse.Prefetch1(ahead + *lines);"
                                code.Line "lines++;"
                        )

                        code.Line ""

                    code.Block (
                        "do",
                        fun () ->
                            for v in vs do
                                let at = offset "w" (v * set.Lanes)
                                code.Line $"{set.Vector}<float> w{v} = {set.Vector}.Load({at});"

                            for p in ps do
                                code.Line $"{set.Vector}<float> a{p} = {set.Vector}.Create({value p});"

                                for v in vs do
                                    code.Line $"s{p}_{v} = {set.Vector}.MultiplyAddEstimate(a{p}, w{v}, s{p}_{v});"

                            code.Line "a += TStep.Next;"

                            // Sixteen channels of a pixel are a line, and a tile has up to as many pixels as lines are fetched here.
                            if fetches set then
                                code.Block (
                                    "if (TStep.FetchesPixels)",
                                    fun () ->
                                        code.Line "Sse.Prefetch1(later);"
                                        code.Line $"later += {block};"
                                )

                            if not bases.IsEmpty then
                                code.Block (
                                    "if (TStep.Spread)",
                                    fun () ->
                                        for p in bases do
                                            code.Line $"a{p}x += TStep.Next;"
                                )

                            code.Block ("if (TStep.Windowed)", (fun () -> code.Line "w++;"))

                            code.Block (
                                "else if (TStep.Strided)",
                                fun () ->
                                    if fetches set then
                                        for b in 0 .. blocks - 1 do
                                            let at = offset "near" (b * block)
                                            code.Line $"Sse.Prefetch0({at});"

                                        code.Line "near += apart;"

                                    code.Line "w += apart;"
                            )

                            code.Block (
                                "else",
                                fun () ->
                                    // Weights that come from afar: the next page of them is asked for before the last is used up.
                                    if blocks > 1 then
                                        for b in 0 .. blocks - 1 do
                                            code.Line $"Sse.Prefetch0(w + {blocks * block * ahead + b * block});"

                                    code.Line $"w += {blocks * block};"
                            )
                    )

                    code.Line "while (a < end);"
                    code.Line ""
                    code.Block ("if (TStep.Windowed)", (fun () -> code.Line "x = end;"))
            )

            code.Line "while (taps < last);"
            code.Line ""

            code.Block (
                "if ((flags & TileFlags.Relu) != 0)",
                fun () ->
                    all (fun p v ->
                        $"s{p}_{v} = {set.Vector}.ConditionalSelect({set.Vector}.LessThan(s{p}_{v}, {set.Vector}<float>.Zero), {set.Vector}<float>.Zero, s{p}_{v});")
            )

            code.Line ""
            all (fun p v -> $"s{p}_{v}.Store({y p v});")
    )

/// A switch from a tile's sizes to its method.
let front (code: Code) (signature: string) (key: string) (cases: (string * string) list) =
    code.Line "[MethodImpl(MethodImplOptions.AggressiveOptimization)]"

    code.Block (
        signature,
        fun () ->
            code.Block (
                $"switch ({key})",
                fun () ->
                    for case, call in cases do
                        code.Line $"case {case}: {call}; break;"

                    code.Line "default: throw new System.ArgumentOutOfRangeException(null, \"no such tile\");"
            )
    )

let pixelTiles set (code: Code) =
    front
        code
        "public static void Run<TStep>(int blocks, int pixels, Tap* taps, int count, float* x, float* w, float* y, nint yBlock, nint yPixel, float* bias, TileFlags flags, float* ahead, int* lines, nint apart)\n        where TStep : struct, IPixelStep"
        "(blocks * 16) + pixels"
        [
            for blocks, most in set.PixelTiles do
                for pixels in 1..most do
                    $"{blocks * 16 + pixels}",
                    $"P{pixels}B{blocks}<TStep>(taps, count, x, w, y, yBlock, yPixel, bias, flags, ahead, lines, apart)"
        ]

    for blocks, most in set.PixelTiles do
        for pixels in 1..most do
            pixelTile code set blocks pixels

/// Sums over pixels for groups × taps values of x: tap t of group g lies at x + group g's offset + t.
let weightTile (code: Code) set name step groups taps blocks =
    let vs = [ 0 .. vectors set blocks - 1 ]

    let rows = [
        for g in 0 .. groups - 1 do
            for t in 0 .. taps - 1 -> g, t
    ]

    let all text = rows |> List.iteri (fun m _ -> vs |> List.iter (fun v -> code.Line (text m v)))

    let dw m v = offset (place "dw" "dwBlock" set v) (m * block)

    let tap (g, t) =
        match g with
        | 0 -> $"a[{t}]"
        | _ -> $"a[group{g} + {t}]"

    code.Line ""
    code.Line "[MethodImpl(MethodImplOptions.AggressiveOptimization | MethodImplOptions.NoInlining)]"

    code.Block (
        $"public static void {name}(WeightSpan* span, float* x, float* dy, float* dw, bool accumulate)",
        fun () ->
            for g in 1 .. groups - 1 do
                code.Line $"nint group{g} = span->Group{g};"

            if blocks > 1 then
                code.Line "nint dyBlock = span->DyBlock;"

            all (fun m v -> $"{set.Vector}<float> s{m}_{v} = {set.Vector}<float>.Zero;")
            code.Line "int images = span->Images;"

            code.Block (
                "do",
                fun () ->
                    code.Line "float* xRow = x;"
                    code.Line "float* dyRow = dy;"
                    code.Line "int rows = span->Rows;"

                    code.Block (
                        "do",
                        fun () ->
                            code.Line "float* a = xRow;"
                            code.Line "float* g0 = dyRow;"

                            for b in 1 .. blocks - 1 do
                                code.Line $"float* g{b} = g{b - 1} + dyBlock;"

                            code.Line $"float* end = g0 + (span->Pixels * {block});"

                            code.Block (
                                "do",
                                fun () ->
                                    let perBlock = vectors set 1

                                    for v in vs do
                                        let at = offset $"g{v / perBlock}" (v % perBlock * set.Lanes)
                                        code.Line $"{set.Vector}<float> d{v} = {set.Vector}.Load({at});"

                                    rows
                                    |> List.iteri (fun m row ->
                                        code.Line $"{set.Vector}<float> a{m} = {set.Vector}.Create({tap row});"

                                        for v in vs do
                                            code.Line
                                                $"s{m}_{v} = {set.Vector}.MultiplyAddEstimate(a{m}, d{v}, s{m}_{v});")

                                    if blocks > 1 then
                                        for b in 0 .. blocks - 1 do
                                            code.Line $"Sse.Prefetch0(g{b} + {ahead * block});"

                                    code.Line $"a += {step};"

                                    for b in 0 .. blocks - 1 do
                                        code.Line $"g{b} += {block};"
                            )

                            code.Line "while (g0 < end);"
                            code.Line "xRow += span->XRow;"
                            code.Line "dyRow += span->DyRow;"
                    )

                    code.Line "while (--rows > 0);"
                    code.Line "x += span->XImage;"
                    code.Line "dy += span->DyImage;"
            )

            code.Line "while (--images > 0);"

            if blocks > 1 then
                code.Line "nint dwBlock = span->DwBlock;"

            code.Line ""

            code.Block ("if (accumulate)", fun () -> all (fun m v -> $"s{m}_{v} += {set.Vector}.Load({dw m v});"))

            code.Line ""
            all (fun m v -> $"s{m}_{v}.Store({dw m v});")
    )

let stemTiles set = [
    for blocks in set.WeightBlocks do
        for groups in 1..3 do
            for taps in 1..4 do
                if groups * taps <= set.WeightRows then
                    blocks, groups, taps
]

let weightTiles set (code: Code) =
    front
        code
        "public static void Run(int blocks, WeightSpan* span, float* x, float* dy, float* dw, bool accumulate)"
        "blocks"
        [
            for blocks in set.WeightBlocks -> $"{blocks}", $"C{set.Channels}B{blocks}(span, x, dy, dw, accumulate)"
        ]

    code.Line ""

    front
        code
        "public static void RunStem(int blocks, int groups, int taps, WeightSpan* span, float* x, float* dy, float* dw, bool accumulate)"
        "(blocks * 64) + (groups * 8) + taps"
        [
            for blocks, groups, taps in stemTiles set ->
                $"{blocks * 64 + groups * 8 + taps}", $"G{groups}T{taps}B{blocks}(span, x, dy, dw, accumulate)"
        ]

    for blocks in set.WeightBlocks do
        weightTile code set $"C{set.Channels}B{blocks}" block 1 set.Channels blocks

    for blocks, groups, taps in stemTiles set do
        weightTile code set $"G{groups}T{taps}B{blocks}" 1 groups taps blocks

let file family set (body: Code -> unit) =
    let code = Code ()

    code.Line
        "// <auto-generated>Written by generate.fsx beside this file; change that and run it again.</auto-generated>"

    code.Line "using System.Runtime.CompilerServices;"
    code.Line "using System.Runtime.Intrinsics;"

    if fetches set then
        code.Line "using System.Runtime.Intrinsics.X86;"

    code.Line ""
    code.Line "namespace Fovea.Core.Kernels;"
    code.Line ""
    code.Block ($"internal static unsafe class {family}{set.Name}", (fun () -> body code))
    Path.Combine (__SOURCE_DIRECTORY__, $"{family}{set.Name}.g.cs"), code.ToString ()

let files = [
    for set in [ avx512; avx2; narrow ] do
        file "PixelTile" set (pixelTiles set)
        file "WeightTile" set (weightTiles set)
]

let stale = files |> List.filter (fun (path, text) -> not (File.Exists path) || File.ReadAllText path <> text)

if Array.contains "--check" fsi.CommandLineArgs then
    for path, _ in stale do
        eprintfn $"{path}: not what generate.fsx writes; run dotnet fsi Core/Kernels/Micro/generate.fsx"

    exit (if stale.IsEmpty then 0 else 1)

for path, text in stale do
    File.WriteAllText (path, text)
