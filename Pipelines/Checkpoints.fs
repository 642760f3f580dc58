namespace Fovea

open System
open System.IO
open Fovea.Core.Formats

/// Where runs are written, and who is told of what does not go as it should.
[<RequireQualifiedAccess>]
type internal Host = {
    Disk: Disk
    Say: string -> unit
} with

    /// The real disk, and the error output.
    static member Real = { Host.Disk = Disk.Real; Host.Say = fun sentence -> eprintfn $"{sentence}" }

/// A folder of a run's checkpoints: checkpoint-000000120.safetensors is the run after 120 steps.
module internal Checkpoints =

    // So that a file which the disk has spoilt is not the end.
    let private kept = 3

    let private pattern = "checkpoint-*.safetensors"

    let private pathOf folder (step: int) = Path.Combine (folder, $"checkpoint-{step:D9}.safetensors")

    /// The checkpoints of a folder, the newest first; none where there is no such folder.
    let all folder =
        if Directory.Exists folder then
            Directory.GetFiles (folder, pattern) |> Array.sortDescending |> List.ofArray
        else
            []

    // What is not vital: a file that cannot be deleted is left.
    let private discard (host: Host) path =
        try
            host.Disk.Delete path
        with
        | :? IOException
        | :? UnauthorizedAccessException -> ()

    /// Removes what writing left over when a process died in the middle of it.
    let tidy host folder =
        if Directory.Exists folder then
            Directory.GetFiles (folder, pattern + ".*" + AtomicFile.Unfinished) |> Array.iter (discard host)

    /// Writes a checkpoint and then deletes all but the last ones. A disk that fails does not end the run: it is said,
    /// and the checkpoints that there are stay as they are.
    let write (host: Host) folder step pipeline classes state =
        let path = pathOf folder step

        try
            Directory.CreateDirectory folder |> ignore
            RunFile.write host.Disk path pipeline classes state
            all folder |> List.skip (min kept (all folder).Length) |> List.iter (discard host)
        with
        | :? IOException
        | :? UnauthorizedAccessException as fault ->
            host.Say
                $"{path}: the checkpoint could not be written ({fault.Message}); training goes on, and the checkpoints before it are as they were"

    /// The newest checkpoint that can be read, with its path; None where there is none at all. What cannot be read is
    /// said. Raises a DataFormatException where there are some and none can be read.
    let newest (host: Host) folder model =
        let rec first faults paths =
            match paths, faults with
            | [], [] -> None
            | [], fault :: _ ->
                raise (
                    DataFormatException (
                        $"{folder}: none of its checkpoints can be read; delete them to begin again. The newest: {(fault: exn).Message}",
                        fault
                    )
                )
            | path :: older, _ ->
                try
                    Some (path, RunFile.read path model)
                with :? DataFormatException as fault ->
                    host.Say $"{fault.Message}: this checkpoint is passed over for the one before it"
                    first (faults @ [ fault ]) older

        first [] (all folder)
