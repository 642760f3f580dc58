namespace Fovea

open System
open Fovea.Core.Pictures

/// What the terminal can show.
module Terminal =
    let private variable name = Environment.GetEnvironmentVariable name |> Option.ofObj |> Option.defaultValue ""

    /// The colours that fit these settings: `NO_COLOR` (https://no-color.org) set to anything, output that is not a
    /// terminal, or a dumb one mean none; `COLORTERM` tells of 24 bits.
    let coloursFor (isTerminal: bool) (setting: string -> string) =
        let colourTerm, term = setting "COLORTERM", setting "TERM"

        if setting "NO_COLOR" <> "" || not isTerminal || term = "dumb" then
            ColourDepth.Plain
        elif colourTerm = "truecolor" || colourTerm = "24bit" || term.EndsWith "-direct" then
            ColourDepth.True
        elif term <> "" then
            ColourDepth.Indexed
        elif OperatingSystem.IsWindows () then
            ColourDepth.True // Its terminals have 24 bits and set neither.
        else
            ColourDepth.Plain

    /// The colours of the terminal that this program writes to.
    let colours () = coloursFor (not Console.IsOutputRedirected) variable

    /// Characters in a line; 80 where there is no terminal.
    let columns () =
        try
            if Console.IsOutputRedirected || Console.WindowWidth < 1 then 80 else Console.WindowWidth
        with :? IO.IOException ->
            80
