module Fovea.Tests.DataReadingTests

open System
open System.IO
open Expecto
open Fovea.Core.Data
open Fovea.Tests.DataSupport

let loadCifar path = Cifar10.Load (path, perFile)

/// What a made-up CIFAR-10 folder says after a change.
let cifarSays change =
    inFolder (fun folder ->
        putCifar folder
        change folder
        sentence folder (fun () -> loadCifar folder))

let mnistSays change =
    inFolder (fun folder ->
        for name, bytes in mnistFiles do
            put folder name bytes |> ignore

        change folder
        sentence folder (fun () -> Mnist.Load folder))

let says name expected actual = testCase name (fun () -> Expect.equal (actual ()) expected "the sentence")

let replace name bytes folder = put folder name bytes |> ignore

let isCifar (struct (train: ImageDataset, test: ImageDataset)) =
    let expected files = [|
        for file in files do
            for record in Array.chunkBySize 3073 file -> record[1..]
    |]

    let labels files = [|
        for file in files do
            for record in Array.chunkBySize 3073 file -> int record[0]
    |]

    let files = List.map snd cifarFiles
    Expect.equal (pixels train) (expected files[..4]) "training pixels"
    Expect.equal (train.Labels ()) (labels files[..4]) "training labels"
    Expect.equal (pixels test) (expected files[5..]) "test pixels"
    Expect.equal (test.Labels ()) (labels files[5..]) "test labels"
    Expect.equal (train.ImageShape.ToString ()) "(3, 32, 32)" "shape"

let cifarTests =
    testList "CIFAR-10" [
        testCase "a folder is read" (fun () ->
            inFolder (fun folder ->
                putCifar folder
                isCifar (loadCifar folder)))

        testCase "a folder that holds the folder is read" (fun () ->
            inFolder (fun folder ->
                putCifar (Path.Combine (folder, "cifar-10-batches-bin"))
                isCifar (loadCifar folder)))

        testCase "the archive is read, by its path or from its folder, gzipped or not" (fun () ->
            inFolder (fun folder ->
                let path = put folder "cifar-10-binary.tar.gz" (gzip cifarArchive)
                isCifar (loadCifar path)
                isCifar (loadCifar folder)
                isCifar (loadCifar (put folder "plain.tar" cifarArchive))))

        testCase "batches.meta.txt names the classes" (fun () ->
            inFolder (fun folder ->
                putCifar folder
                let names = [ for i in 0..9 -> $"class {i}" ]
                put folder "batches.meta.txt" (text (String.Join ("\n", names) + "\n\n")) |> ignore
                let struct (train, _) = loadCifar folder
                Expect.sequenceEqual train.Classes names "names"))

        says
            "a missing file is an error: nothing is read by halves"
            "…: expected all six files of CIFAR-10's binary version, got all but data_batch_3.bin; download it (--download in a script, Data.download in the REPL)"
            (fun () -> cifarSays (fun folder -> File.Delete (Path.Combine (folder, "data_batch_3.bin"))))

        says
            "a truncated file tells both lengths"
            "…/data_batch_2.bin: expected 9,219 bytes (3 images of 3,073), got 9,000 bytes; it is cut short or another file: download the binary version again"
            (fun () -> cifarSays (replace "data_batch_2.bin" (upTo 9000 (cifarFile 2))))

        says
            "a file that is too long tells both lengths"
            "…/data_batch_2.bin: expected 9,219 bytes (3 images of 3,073), got 9,220 bytes; download the binary version again"
            (fun () -> cifarSays (replace "data_batch_2.bin" (Array.append (cifarFile 2) [| 0uy |])))

        says
            "an empty file is called so"
            "…/test_batch.bin: expected 9,219 bytes (3 images of 3,073), got an empty file (0 bytes); download the binary version again"
            (fun () -> cifarSays (replace "test_batch.bin" [||]))

        says
            "a text file is quoted"
            "…/test_batch.bin: expected 9,219 bytes (3 images of 3,073), got a text file that begins “<!DOCTYPE html>” (28 bytes); it is cut short or another file: download the binary version again"
            (fun () -> cifarSays (replace "test_batch.bin" (text "<!DOCTYPE html>\n<html></html")))

        says
            "a label out of range tells the image and the byte"
            "…/data_batch_1.bin: expected labels from 0 to 9, got 10 for image 1 (at byte 3,073); it is damaged or not CIFAR-10's binary version: download the binary version again"
            (fun () ->
                let bytes = cifarFile 1
                bytes[3073] <- 10uy
                cifarSays (replace "data_batch_1.bin" bytes))

        says
            "a list of classes that is none is an error"
            "…/batches.meta.txt: expected the names of ten classes, a line each, got 2 lines; download it again, or delete it: the names are known without it"
            (fun () -> cifarSays (replace "batches.meta.txt" (text "cat\ndog\n")))

        says
            "a path that does not exist is told"
            "…/nowhere: expected a folder of CIFAR-10's binary version (data_batch_1.bin … test_batch.bin), got nothing: there is no such folder or file; check the path, or download it (--download in a script, Data.download in the REPL)"
            (fun () ->
                inFolder (fun folder -> sentence folder (fun () -> loadCifar (Path.Combine (folder, "nowhere")))))

        says
            "an empty folder is told"
            "…: expected a folder of CIFAR-10's binary version (data_batch_1.bin … test_batch.bin), got an empty folder; download it (--download in a script, Data.download in the REPL)"
            (fun () -> inFolder (fun folder -> sentence folder (fun () -> loadCifar folder)))

        says
            "the Python version is recognised"
            "…: expected a folder of CIFAR-10's binary version (data_batch_1.bin … test_batch.bin), got the Python version (data_batch_1 without .bin); download it (--download in a script, Data.download in the REPL)"
            (fun () ->
                inFolder (fun folder ->
                    put folder "data_batch_1" [| 0x80uy; 2uy |] |> ignore
                    sentence folder (fun () -> loadCifar folder)))

        says
            "an archive that lacks a file is an error"
            "…/a.tar: expected all six files of CIFAR-10's binary version, got all but test_batch.bin; it is another archive or cut short: download cifar-10-binary.tar.gz again"
            (fun () ->
                inFolder (fun folder ->
                    let path = put folder "a.tar" (tar cifarFiles[..4])
                    sentence folder (fun () -> loadCifar path)))

        says
            "an archive that has a file twice is an error"
            "…/a.tar, data_batch_1.bin: expected each file once, got it twice; download cifar-10-binary.tar.gz again"
            (fun () ->
                inFolder (fun folder ->
                    let path = put folder "a.tar" (tar (cifarFiles[..0] @ cifarFiles))
                    sentence folder (fun () -> loadCifar path)))

        testCase "a truncated archive is an error, wherever it ends" (fun () ->
            let whole = gzip cifarArchive

            inFolder (fun folder ->
                for length in [ 1; 2; 10; 100; whole.Length / 2; whole.Length - 200 ] do
                    let path = put folder "a.tar.gz" whole[.. length - 1]
                    Expect.isNonEmpty (sentence folder (fun () -> loadCifar path)) $"{length} bytes"))

        testCase "an archive whose checksum is wrong is an error" (fun () ->
            let packed = gzip cifarArchive
            packed[packed.Length - 5] <- packed[packed.Length - 5] ^^^ 1uy

            let said =
                inFolder (fun folder ->
                    let path = put folder "a.tar.gz" packed
                    sentence folder (fun () -> loadCifar path))

            Expect.stringStarts
                said
                "…/a.tar.gz: expected cifar-10-binary.tar.gz, got damaged compressed data"
                "sentence")

        says
            "a text file in place of the archive is quoted"
            "…/cifar-10-binary.tar.gz: expected a tar archive, got a text file that begins “404 Not Found”; download it again"
            (fun () ->
                inFolder (fun folder ->
                    let path = put folder "cifar-10-binary.tar.gz" (text "404 Not Found")
                    sentence folder (fun () -> loadCifar path)))

        says
            "an archive that unpacks without end is stopped"
            "…/a.tar.gz: expected no more than 1,159,204 bytes when unpacked, got more; it is not the published file; download it again"
            (fun () ->
                inFolder (fun folder ->
                    let bomb = gzip (tar [ "zeros", Array.zeroCreate 20_000_000 ])
                    Expect.isLessThan bomb.Length 200_000 "the bomb is small"
                    let path = put folder "a.tar.gz" bomb
                    sentence folder (fun () -> loadCifar path)))
    ]

let mnistTests =
    testList "MNIST" [
        testCase "a folder is read, plain, gzipped, or with dots in the names" (fun () ->
            for rename, pack in
                [
                    id, id
                    (fun name -> name + ".gz"), gzip
                    (fun (name: string) -> name.Replace ("-idx", ".idx")), id
                ] do
                inFolder (fun folder ->
                    for name, bytes in mnistFiles do
                        put folder (rename name) (pack bytes) |> ignore

                    let struct (train, test) = Mnist.Load folder
                    Expect.equal (train.ToString ()) "MNIST training: 4 images of (1, 5, 6), 10 classes" "training"
                    Expect.equal (Array.concat (pixels train)) (noise 1 120) "pixels"
                    Expect.equal (train.Labels ()) [| 3; 1; 4; 9 |] "labels"
                    Expect.equal (test.Labels ()) [| 2; 7 |] "test labels"))

        says
            "a missing file is an error"
            "…: expected a folder of MNIST's four files, got no t10k-labels-idx1-ubyte or t10k-labels-idx1-ubyte.gz; download it (--download in a script, Data.download in the REPL)"
            (fun () -> mnistSays (fun folder -> File.Delete (Path.Combine (folder, "t10k-labels-idx1-ubyte"))))

        says
            "an empty folder is told"
            "…: expected a folder of MNIST's four files, got an empty folder; download it (--download in a script, Data.download in the REPL)"
            (fun () -> inFolder (fun folder -> sentence folder (fun () -> Mnist.Load folder)))

        says
            "a path that does not exist is told"
            "…/nowhere: expected a folder of MNIST's four files, got nothing: there is no such folder; check the path, or download it (--download in a script, Data.download in the REPL)"
            (fun () ->
                inFolder (fun folder -> sentence folder (fun () -> Mnist.Load (Path.Combine (folder, "nowhere")))))

        says
            "a file in place of the folder is told"
            "…/file: expected a folder of MNIST's four files, got one file; name the folder that holds it"
            (fun () -> inFolder (fun folder -> sentence folder (fun () -> Mnist.Load (put folder "file" [||]))))

        says
            "truncated images tell both lengths"
            "…/train-images-idx3-ubyte: expected 4 images of 5 × 6 as its header says (136 bytes), got 100 bytes; it is cut short: download it again"
            (fun () -> mnistSays (replace "train-images-idx3-ubyte" (upTo 100 (idxImages 1 (4, 5, 6)))))

        says
            "truncated labels tell both lengths"
            "…/train-labels-idx1-ubyte: expected 4 labels as its header says (12 bytes), got 11 bytes; it is cut short: download it again"
            (fun () -> mnistSays (replace "train-labels-idx1-ubyte" (upTo 11 (idxLabels [ 3uy; 1uy; 4uy; 9uy ]))))

        says
            "a file that ends inside its header is told"
            "…/train-images-idx3-ubyte: expected IDX images (magic number 2051) with a header of 16 bytes, got 9 bytes; it is cut short: download it again"
            (fun () -> mnistSays (replace "train-images-idx3-ubyte" (upTo 9 (idxImages 1 (4, 5, 6)))))

        says
            "bytes beyond the end are told"
            "…/train-images-idx3-ubyte: expected 4 images of 5 × 6 as its header says, got more bytes than that; it is damaged: download it again"
            (fun () -> mnistSays (replace "train-images-idx3-ubyte" (Array.append (idxImages 1 (4, 5, 6)) [| 0uy |])))

        says
            "swapped files are recognised"
            "…/train-images-idx3-ubyte: expected IDX images (magic number 2051), got a file of labels; are the two files swapped?; check which file this is, or download it again"
            (fun () -> mnistSays (replace "train-images-idx3-ubyte" (idxLabels [ 1uy ])))

        says
            "a wrong magic number is told"
            "…/train-images-idx3-ubyte: expected IDX images (magic number 2051), got the magic number 4009754624; check which file this is, or download it again"
            (fun () -> mnistSays (replace "train-images-idx3-ubyte" [| 0xEFuy; 0uy; 0uy; 0uy; 1uy; 2uy |]))

        says
            "an IDX file of another type is told"
            "…/train-images-idx3-ubyte: expected IDX images (magic number 2051), got an IDX file of another type (magic number 3331); check which file this is, or download it again"
            (fun () -> mnistSays (replace "train-images-idx3-ubyte" (idx 0x0D03 [ 1; 1; 1 ] [| 0uy |])))

        says
            "a text file is quoted"
            "…/train-labels-idx1-ubyte: expected IDX labels (magic number 2049), got a text file that begins “hello wo”; check which file this is, or download it again"
            (fun () -> mnistSays (replace "train-labels-idx1-ubyte" (text "hello world")))

        says
            "an empty file is called so"
            "…/train-labels-idx1-ubyte: expected IDX labels (magic number 2049), got an empty file; check which file this is, or download it again"
            (fun () -> mnistSays (replace "train-labels-idx1-ubyte" [||]))

        says
            "a label out of range tells the image and the byte"
            "…/train-labels-idx1-ubyte: expected labels from 0 to 9, got 10 for image 2 (at byte 10); it is damaged or of another set: download it again"
            (fun () -> mnistSays (replace "train-labels-idx1-ubyte" (idxLabels [ 1uy; 2uy; 10uy; 3uy ])))

        says
            "images and labels must be as many"
            "…/train-labels-idx1-ubyte: expected 4 labels, one for each image of train-images-idx3-ubyte, got 3; the two files are not of one set: download both again"
            (fun () -> mnistSays (replace "train-labels-idx1-ubyte" (idxLabels [ 1uy; 2uy; 3uy ])))

        says
            "training and test images must be of one size"
            "…/t10k-images-idx3-ubyte: expected images of (1, 5, 6) as in training, got images of (1, 6, 5); the files are not of one set: download them again"
            (fun () -> mnistSays (replace "t10k-images-idx3-ubyte" (idxImages 2 (2, 6, 5))))

        says
            "a header that claims too much is refused before anything is allocated"
            "…/train-images-idx3-ubyte: expected images of at most 4,096 × 4,096 pixels and 1,073,741,824 bytes in all, got a header that claims 2,147,483,647 images of 28 × 28; it is damaged or not such a file: download it again"
            (fun () -> mnistSays (replace "train-images-idx3-ubyte" (idx 2051 [ Int32.MaxValue; 28; 28 ] [| 0uy |])))

        says
            "a header that claims nonsense is refused"
            "…/train-images-idx3-ubyte: expected images of at most 4,096 × 4,096 pixels and 1,073,741,824 bytes in all, got a header that claims 4,294,967,295 images of 0 × 28; it is damaged or not such a file: download it again"
            (fun () -> mnistSays (replace "train-images-idx3-ubyte" (idx 2051 [ -1; 0; 28 ] [| 0uy |])))

        testCase "damaged gzip is an error" (fun () ->
            let packed = gzip (idxImages 1 (4, 5, 6))
            packed[20] <- packed[20] ^^^ 0xFFuy

            let said =
                inFolder (fun folder ->
                    for name, bytes in mnistFiles do
                        if name <> mnistNames[0] then
                            put folder name bytes |> ignore

                    put folder (mnistNames[0] + ".gz") packed |> ignore
                    sentence folder (fun () -> Mnist.Load folder))

            Expect.stringStarts said "…/train-images-idx3-ubyte.gz: expected " "the sentence")

        testCase "Fashion-MNIST has its own classes" (fun () ->
            inFolder (fun folder ->
                for name, bytes in mnistFiles do
                    put folder name bytes |> ignore

                let struct (train, _) = FashionMnist.Load folder
                Expect.equal train.Name "Fashion-MNIST training" "name"
                Expect.equal train.Classes[9] "ankle boot" "class 9"))
    ]

let tests = testList "Reading data" [ cifarTests; mnistTests ]
