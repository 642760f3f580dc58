/// How large the networks are that files may describe: beyond it a file is no network but an attack.
module internal Fovea.Limits

open Fovea.Core.Formats

/// So many stages.
let stages = 10_000

/// So wide a window, so large a stride or padding.
let window = 10_000

/// So many pixels a side.
let image = 32_768

/// So many numbers of one input.
let input = 1 <<< 26

/// So many axes.
let axes = 8

/// Raises a DataFormatException where no image or vector of these extents is read.
let requireInput who extents =
    match extents with
    | [ _; height; width ] when max height width > image ->
        raise (
            DataFormatException
                $"{who}: images of {height}×{width} are larger than the {image} pixels a side that are read"
        )
    | _ when
        List.length extents > axes
        || (1.0, extents) ||> List.fold (fun size extent -> size * float extent) > float input
        ->
        raise (DataFormatException $"{who}: an input of more than {input:N0} numbers is not read")
    | _ -> ()
