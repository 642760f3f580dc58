/// What an ONNX graph reckons from constants alone, operator by operator.
module Fovea.Tests.OnnxConstantsTests

open System
open Expecto
open Fovea
open Fovea.Core.Formats
open Fovea.OnnxFlow

type private Tensor = Fovea.Core.Tensors.Tensor

let private attribute (name, values: int list) = OnnxAttribute.Of (name, values |> List.map int64)

let private operator name attributes =
    let node = OnnxNode (Operator = name, Name = "it")
    attributes |> List.iter node.Attributes.Add
    node

let private whole (values: int64 list) = Numbers (values |> List.map Some)
let private floats (value: Tensor) = Constant (OnnxTensor.Of ("", value))
let private table = tensor [ [ 1; 2; 3 ]; [ 4; 5; 6 ] ]

let private made name attributes values =
    match OnnxConstants.tryRead (operator name attributes) (values |> List.map Some) with
    | Some (Constant tensor) -> tensor
    | other -> failtestf "%s: %A" name other

let private axis (value: int64) = OnnxAttribute.Of ("axis", value)

/// An operator, its attributes, what it reads, and the numbers that ONNX's specification says it makes.
let private cases: (string * OnnxAttribute list * Value list * Tensor) list = [
    "Shape", [], [ floats table ], tensor [ 2; 3 ]
    "Reshape", [], [ floats table; whole [ 3L; -1L ] ], tensor [ [ 1; 2 ]; [ 3; 4 ]; [ 5; 6 ] ]
    "Reshape", [], [ floats table; whole [ 0L; 1L; -1L ] ], tensor [ [ [ 1; 2; 3 ] ]; [ [ 4; 5; 6 ] ] ]
    "Transpose", [], [ floats table ], tensor [ [ 1; 4 ]; [ 2; 5 ]; [ 3; 6 ] ]
    "Transpose", [ attribute ("perm", [ 0; 1 ]) ], [ floats table ], table
    "Squeeze", [], [ floats (tensor [ [ 1; 2 ] ]) ], tensor [ 1; 2 ]
    "Squeeze", [ attribute ("axes", [ -2 ]) ], [ floats (zeros [ 1; 1 ]) ], zeros [ 1 ]
    "Unsqueeze", [], [ floats (tensor [ 1; 2 ]); whole [ 0L; -1L ] ], tensor [ [ [ 1 ]; [ 2 ] ] ]
    "Unsqueeze", [ attribute ("axes", [ 1 ]) ], [ floats (tensor [ 1; 2 ]) ], tensor [ [ 1 ]; [ 2 ] ]
    "Concat", [ axis -1L ], [ floats table; floats table ], tensor [ [ 1; 2; 3; 1; 2; 3 ]; [ 4; 5; 6; 4; 5; 6 ] ]
    "Gather", [ axis 1L ], [ floats table; whole [ 2L; -3L ] ], tensor [ [ 3; 1 ]; [ 6; 4 ] ]
    "Gather", [], [ floats table; floats (Tensor.Scalar 1f) ], tensor [ 4; 5; 6 ]
    "Slice", [], [ floats table; whole [ 1L ]; whole [ Int64.MaxValue ]; whole [ 1L ] ], tensor [ [ 2; 3 ]; [ 5; 6 ] ]
    "Slice",
    [],
    [ floats table; whole [ -1L ]; whole [ Int64.MinValue ]; whole [ 0L ]; whole [ -1L ] ],
    tensor [ [ 4; 5; 6 ]; [ 1; 2; 3 ] ]
    "Slice", [ attribute ("starts", [ 0; 1 ]); attribute ("ends", [ 1; -1 ]) ], [ floats table ], tensor [ [ 2 ] ]
    "ConstantOfShape", [], [ whole [ 2L; 1L ] ], zeros [ 2; 1 ]
    "ReduceProd", [], [ whole [ 2L; 3L; 4L ] ], tensor [ 24 ]
    "ReduceProd", [ OnnxAttribute.Of ("keepdims", 0L) ], [ whole [ 2L; 3L ] ], Tensor.Scalar 6f
    "Add", [], [ floats table; floats (tensor [ 10; 20; 30 ]) ], tensor [ [ 11; 22; 33 ]; [ 14; 25; 36 ] ]
    "Sub", [], [ floats (Tensor.Scalar 1f); floats table ], tensor [ [ 0; -1; -2 ]; [ -3; -4; -5 ] ]
    "Mul", [], [ whole [ 4L ]; whole [ 2L ] ], tensor [ 8 ]
    // Whole numbers are divided as whole numbers, towards zero.
    "Div", [], [ whole [ 7L; -7L ]; whole [ 2L; 2L ] ], tensor [ 3; -3 ]
    "Div", [], [ floats (tensor [ 7.0 ]); floats (tensor [ 2.0 ]) ], tensor [ 3.5 ]
    "Pow", [], [ floats (tensor [ 3.0 ]); floats (Tensor.Scalar 2f) ], tensor [ 9.0 ]
    "Sqrt", [], [ floats (tensor [ 9.0 ]) ], tensor [ 3.0 ]
    "Reciprocal", [], [ floats (tensor [ 4.0 ]) ], tensor [ 0.25 ]
    "Neg", [], [ whole [ 4L ] ], tensor [ -4 ]
    "Floor", [], [ floats (tensor [ 2.7 ]) ], tensor [ 2.0 ]
    "Ceil", [], [ floats (tensor [ 2.2 ]) ], tensor [ 3.0 ]
    "Cast", [ OnnxAttribute.Of ("to", 7L) ], [ floats (tensor [ -2.7 ]) ], tensor [ -2 ]
]

let tests =
    testList "ONNX constants" [
        for i, (name, attributes, values, expected) in List.indexed cases do
            testCase $"{name}, case {i}" (fun () ->
                Expect.equal ((made name attributes values).ToTensor ()) expected "the numbers")

        testCase "whole numbers stay whole, and others do not become so" (fun () ->
            Expect.isTrue (made "Reshape" [] [ whole [ 1L; 2L ]; whole [ 2L; 1L ] ]).IsWhole "whole"
            Expect.isTrue (made "Shape" [] [ floats table ]).IsWhole "extents"
            Expect.isFalse (made "Neg" [] [ floats table ]).IsWhole "float32"
            Expect.isFalse (made "Mul" [] [ whole [ 2L ]; floats (tensor [ 0.5 ]) ]).IsWhole "mixed"
            Expect.isFalse (made "Cast" [ OnnxAttribute.Of ("to", 1L) ] [ whole [ 2L ] ]).IsWhole "made float32")

        testCase "what depends on the images or on the batch, and other operators, are left alone" (fun () ->
            let images = Flow { Id = 0; Shape = Shape.Of [| 3 |]; Order = ChannelsFirst }
            let left name values = OnnxConstants.tryRead (operator name []) values
            Expect.isNone (left "Add" [ Some images; Some (floats table) ]) "images"
            Expect.isNone (left "Concat" [ Some (Numbers [ None; Some 3L ]) ]) "the batch"
            Expect.isNone (left "Relu" [ Some (floats table) ]) "another operator"
            Expect.isNone (left "Concat" []) "nothing")

        testCase "what does not fit is said by the operator" (fun () ->
            for name, attributes, values in
                [
                    "Transpose", [ attribute ("perm", [ 0; 7 ]) ], [ floats table ]
                    "Gather", [], [ floats table; whole [ 5L ] ]
                    "Concat", [ axis 4L ], [ floats table ]
                    "Slice", [], [ floats table; whole [ 0L; 0L ]; whole [ 1L ] ]
                    "Slice", [], [ floats table; whole [ 0L ]; whole [ 2L ]; whole [ 0L ]; whole [ 2L ] ]
                    "Unsqueeze", [], [ floats table; whole [ 0L; 0L ] ]
                    "ConstantOfShape", [], [ whole [ 100_000L; 100_000L ] ]
                ] do
                Expect.throwsC (fun () -> made name attributes values |> ignore) (fun fault ->
                    Expect.isTrue (fault :? DataFormatException) $"{name}: {fault}"
                    Expect.stringContains fault.Message $"operator {name} \"it\"" "the operator"))
    ]
