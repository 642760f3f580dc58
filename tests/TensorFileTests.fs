/// Files of tensors as scripts read and write them.
module Fovea.Tests.TensorFileTests

open System
open System.Collections.Generic
open System.IO
open Expecto
open Fovea
open Fovea.Tests.DataSupport

let tests =
    testList "Tensor files" [
        for ending in [ "safetensors"; "npz"; "NPZ" ] do
            testCase $"what is saved as .{ending} is loaded" (fun () ->
                inFolder (fun folder ->
                    let path = Path.Combine (folder, $"two.{ending}")
                    let tensors = [ "images", normal 1 [ 2; 3; 4 ]; "labels", tensor [ 1; 0 ] ]
                    TensorFile.save path tensors
                    Expect.equal (TensorFile.load path) tensors "the tensors"))

        testCase "an .npy file has one tensor, under the file's name" (fun () ->
            inFolder (fun folder ->
                let path = Path.Combine (folder, "ramp.npy")
                TensorFile.save path [ "whatever", arange 5 ]
                Expect.equal (TensorFile.load path) [ "ramp", arange 5 ] "the tensor"

                Expect.throwsC (fun () -> TensorFile.save path [ "a", arange 1; "b", arange 2 ]) (fun fault ->
                    Expect.stringContains fault.Message "takes one tensor, got 2; use .npz" "two of them")

                Expect.equal (TensorFile.load path) [ "ramp", arange 5 ] "the file is as it was"))

        testCase "a safetensors file is listed and read in part" (fun () ->
            inFolder (fun folder ->
                let path = Path.Combine (folder, "model.safetensors")
                input (1, 4, 4) |> conv (2, 3) |> Model.init 1 |> Model.save path
                let listed = TensorFile.list path
                Expect.equal listed.Rows [ [ "conv1.weight"; "(2, 1, 3, 3)"; "F32"; "72" ]; [ "conv1.bias"; "(2)"; "F32"; "8" ] ] "the list"
                Expect.equal (TensorFile.read "conv1.bias" path) (zeros [ 2 ]) "a tensor"
                Expect.equal (dict(TensorFile.texts path)["format"]) "pt" "a text"
                use file = TensorFile.openMapped path
                Expect.equal (file.Read ("conv1.weight", 1, 1)) ((file.Read "conv1.weight").Slice (0, 1, 1)) "a filter"

                Expect.throwsT<KeyNotFoundException> (fun () -> TensorFile.read "conv2.bias" path |> ignore) "no such tensor"))

        testCase "another ending is refused" (fun () ->
            for use' in [ (fun () -> TensorFile.load "weights.pt" |> ignore); (fun () -> TensorFile.save "weights.pt" []) ] do
                Expect.throwsC use' (fun fault ->
                    Expect.isTrue (fault :? ArgumentException) "its type"
                    Expect.stringContains fault.Message "weights.pt: expected a name that ends in .safetensors" "the sentence"))
    ]
