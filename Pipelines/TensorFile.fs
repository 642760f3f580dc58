namespace Fovea

open System
open System.Collections.Generic
open System.IO
open Fovea.Core.Formats

/// Files of tensors, whoever wrote them: safetensors, and NumPy's .npy and .npz. The ending of the name says which.
[<RequireQualifiedAccess>]
module TensorFile =

    // What an .npy file's one tensor is called.
    let private only (path: string) = Path.GetFileNameWithoutExtension path

    let private unknown (path: string) =
        raise (ArgumentException $"{path}: expected a name that ends in .safetensors, .npz or .npy")

    /// All tensors of a file by their names. A .npy file's one tensor has the name of the file.
    /// Raises a DataFormatException, one sentence, where it is damaged.
    let load (path: string) : (string * Tensor) list =
        let named (tensors: IReadOnlyDictionary<string, Tensor>) = [ for pair in tensors -> pair.Key, pair.Value ]

        match Path.GetExtension(path).ToLowerInvariant() with
        | ".safetensors" -> named (SafeTensors.Load path).Tensors
        | ".npz" -> named (Npz.Load path)
        | ".npy" -> [ only path, Npy.Load path ]
        | _ -> unknown path

    /// Writes named tensors in float32, whole or not at all. An .npy file takes one, whatever its name.
    let save (path: string) (tensors: (string * Tensor) seq) =
        let pairs = [ for name, value in tensors -> KeyValuePair (name, value) ]

        match Path.GetExtension(path).ToLowerInvariant(), pairs with
        | ".safetensors", _ -> SafeTensors.Save (path, pairs)
        | ".npz", _ -> Npz.Save (path, pairs)
        | ".npy", [ one ] -> Npy.Save (path, one.Value)
        | ".npy", _ ->
            raise (ArgumentException $"{path}: an .npy file takes one tensor, got {pairs.Length}; use .npz or .safetensors")
        | _ -> unknown path

    /// A safetensors file, opened: names, shapes and texts are read, tensors when they are asked for; `use file = ...` closes it.
    /// It is mapped into memory where it lies on a local drive; nobody should shorten it meanwhile.
    let openMapped (path: string) : SafeTensorsFile = SafeTensors.Map path

    /// What is in a safetensors file, without reading the tensors: names, shapes, types, bytes.
    let list (path: string) : Table =
        use file = SafeTensors.Open path

        Table.ofRows 3 [ "name"; "shape"; "type"; "bytes" ] [
            for entry in file.Entries -> [
                entry.Name
                string entry.Shape
                entry.Type.ToString().ToUpperInvariant()
                Table.number entry.Bytes
            ]
        ]

    /// The texts in a safetensors file, by their names.
    let texts (path: string) : (string * string) list =
        use file = SafeTensors.Open path
        [ for pair in file.Metadata -> pair.Key, pair.Value ]

    /// One tensor of a safetensors file; no other is read.
    /// Raises a KeyNotFoundException where there is none of that name.
    let read (name: string) (path: string) : Tensor =
        use file = SafeTensors.Open path
        file.Read name
