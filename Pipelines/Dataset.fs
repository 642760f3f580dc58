namespace Fovea

open System
open Fovea.Core.Data

/// Labelled images of one size, and how they are changed at random while a model is fitted to them. Evaluation and
/// everything else see the images as they are.
[<StructuredFormatDisplay("{Display}"); CustomEquality; NoComparison>]
type Dataset = {
    /// The images and labels.
    Source: ImageDataset
    /// The changes, done in turn.
    Augmentations: Augmentation list
} with

    /// The number of images.
    member this.Count = this.Source.Count

    /// What messages call it.
    member this.Name = this.Source.Name

    /// The names of the classes; a label is an index into them.
    member this.Classes = this.Source.Classes

    /// The shape of one image: (C, H, W).
    member this.Shape = this.Source.ImageShape

    /// What the REPL prints: name, size, classes with their counts, augmentations.
    member this.Display = "\n" + this.ToString ()

    override this.ToString () =
        [
            yield $"{this.Source}, {Dataset.Size this.Source.Bytes}"
            yield! Dataset.ClassLines this.Source
            if not this.Augmentations.IsEmpty then
                let names = this.Augmentations |> List.map string |> String.concat ", "
                yield $"  augmented: {names}"
        ]
        |> String.concat "\n"

    override this.Equals other =
        match other with
        | :? Dataset as that ->
            Object.ReferenceEquals (this.Source, that.Source) && this.Augmentations = that.Augmentations
        | _ -> false

    override this.GetHashCode () = hash this.Source

    static member private Size (bytes: int64) =
        if bytes >= 1_000_000L then
            FormattableString.Invariant $"{float bytes / 1e6:N1} MB"
        else
            FormattableString.Invariant $"{float bytes / 1e3:N1} kB"

    // At most twelve classes, four a line.
    static member private ClassLines (source: ImageDataset) =
        let shown =
            Seq.zip source.Classes (source.ClassCounts ())
            |> Seq.truncate 12
            |> Seq.map (fun (name, count) -> FormattableString.Invariant $"{name} {count:N0}")
            |> Seq.toList

        let rest = source.Classes.Count - shown.Length
        let shown = if rest > 0 then shown @ [ $"{rest} more" ] else shown

        shown |> List.chunkBySize 5 |> List.map (fun line -> "  " + String.concat " · " line)
