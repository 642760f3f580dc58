/// Operations that meet at values, as a tree of steps and branches: what a pipeline is. A network has one where every
/// branch begins at one value and ends where the others of its kind end; others are refused.
module internal Fovea.OnnxTree

open System.Collections.Generic
open Fovea.Core.Formats
open Fovea.OnnxFlow

// Branches within branches; a stack bears many more.
let private deepest = 64

/// A value's nearest value that every way to it goes through, and how many of those there are above it.
type private Dominator = { Above: int; Depth: int }

let rec private nearest (tree: Map<int, Dominator>) a b =
    if a = b then a
    elif tree[a].Depth >= tree[b].Depth then nearest tree tree[a].Above b
    else nearest tree a tree[b].Above

let private dominators (operations: Operation list) =
    ((1, Map [ 0, { Above = 0; Depth = 0 } ]), operations)
    ||> List.fold (fun (id, tree) operation ->
        let above = operation.Inputs |> List.reduce (nearest tree)
        id + 1, Map.add id { Above = above; Depth = tree[above].Depth + 1 } tree)
    |> snd

/// The steps from the input, 0, to a value. Operation i makes the value i + 1 and reads values before it.
/// Raises a DataFormatException that names the operation at which branches cross.
let steps (operations: Operation list) output =
    let tree = dominators operations
    let operations = Array.ofList operations
    let seen = HashSet<int>()

    let rec path depth from until tail =
        if until = from then
            tail
        else
            let operation = operations[until - 1]

            if not (seen.Add until) then
                raise (
                    DataFormatException
                        $"onnx: what operator \"{operation.Name}\" makes goes into branches that meet in different places; only networks whose branches begin and end together are read"
                )

            match operation.Makes with
            | One pieces -> path depth from (List.head operation.Inputs) (List.map Plain pieces @ tail)
            | Many _ when depth = deepest ->
                raise (DataFormatException $"onnx: branches are nested more than {deepest} deep")
            | Many (joint, factor) ->
                let above = tree[until].Above
                let branches = operation.Inputs |> List.map (fun input -> path (depth + 1) above input [])
                path depth from above (Meet (joint, factor, branches) :: tail)

    path 0 0 output []
