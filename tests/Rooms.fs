/// What the types of a compiled assembly use, read from its metadata and its instructions.
module Fovea.Tests.Rooms

open System
open System.Collections.Generic
open System.Collections.Immutable
open System.IO
open System.Reflection.Emit
open System.Reflection.Metadata
open System.Reflection.Metadata.Ecma335
open System.Reflection.PortableExecutable

/// A type, by the assembly and the namespace that hold it; a nested type counts as the outermost around it.
type Place = { Assembly: string; Namespace: string; Type: string }

/// `From` uses `To`: the type, or the member of it, written `Name/number of parameters`.
type Use = { From: Place; To: Place; Member: string option }

let private operandLengths =
    let length (code: OpCode) =
        match code.OperandType with
        | OperandType.InlineNone -> 0
        | OperandType.ShortInlineBrTarget
        | OperandType.ShortInlineI
        | OperandType.ShortInlineVar -> 1
        | OperandType.InlineVar -> 2
        | OperandType.InlineI8
        | OperandType.InlineR -> 8
        | _ -> 4

    dict [
        for field in typeof<OpCodes>.GetFields() do
            match field.GetValue null with
            | :? OpCode as code -> code.Value, (code.OperandType, length code)
            | _ -> ()
    ]

/// The metadata tokens that a method's instructions name.
let private tokens (il: byte[]) = [
    let mutable at = 0

    while at < il.Length do
        let code, size = if il[at] = 0xFEuy then (int16 il[at] <<< 8) ||| int16 il[at + 1], 2 else int16 il[at], 1
        let operand, length = operandLengths[code]
        at <- at + size

        match operand with
        | OperandType.InlineSwitch -> at <- at + 4 + 4 * BitConverter.ToInt32 (il, at)
        | OperandType.InlineField
        | OperandType.InlineMethod
        | OperandType.InlineType
        | OperandType.InlineTok
        | OperandType.InlineSig ->
            MetadataTokens.EntityHandle (BitConverter.ToInt32 (il, at))
            at <- at + length
        | _ -> at <- at + length
]

type private Reader(metadata: MetadataReader) =
    let self = metadata.GetString (metadata.GetAssemblyDefinition().Name)

    let rec defined (handle: TypeDefinitionHandle) =
        let definition = metadata.GetTypeDefinition handle

        if definition.IsNested then
            defined (definition.GetDeclaringType ())
        else
            {
                Assembly = self
                Namespace = metadata.GetString definition.Namespace
                Type = metadata.GetString definition.Name
            }

    let rec referred (handle: TypeReferenceHandle) =
        let reference = metadata.GetTypeReference handle

        match reference.ResolutionScope.Kind with
        | HandleKind.TypeReference -> referred (TypeReferenceHandle.op_Explicit reference.ResolutionScope)
        | kind ->
            let assembly =
                if kind = HandleKind.AssemblyReference then
                    let scope = AssemblyReferenceHandle.op_Explicit reference.ResolutionScope
                    metadata.GetString (metadata.GetAssemblyReference(scope).Name)
                else
                    self

            {
                Assembly = assembly
                Namespace = metadata.GetString reference.Namespace
                Type = metadata.GetString reference.Name
            }

    /// Every type in a signature; each step of the decoding gives the types found so far.
    let signatures = {
        new ISignatureTypeProvider<Place list, unit> with
            member _.GetArrayType (element, _) = element
            member _.GetByReferenceType element = element
            member _.GetFunctionPointerType signature = signature.ReturnType @ List.concat signature.ParameterTypes
            member _.GetGenericInstantiation (generic, arguments) = generic @ List.concat arguments
            member _.GetGenericMethodParameter (_, _) = []
            member _.GetGenericTypeParameter (_, _) = []
            member _.GetModifiedType (modifier, unmodified, _) = modifier @ unmodified
            member _.GetPinnedType element = element
            member _.GetPointerType element = element
            member _.GetPrimitiveType _ = []
            member _.GetSZArrayType element = element
            member _.GetTypeFromDefinition (_, handle, _) = [ defined handle ]
            member _.GetTypeFromReference (_, handle, _) = [ referred handle ]

            member this.GetTypeFromSpecification (reader, _, handle, _) =
                reader.GetTypeSpecification(handle).DecodeSignature(this, ())
    }

    let typesOf (signature: MethodSignature<Place list>) = signature.ReturnType @ List.concat signature.ParameterTypes
    let asType places = places |> List.map (fun place -> place, None)

    let asMember name (signature: MethodSignature<Place list>) owners =
        let called = $"{name}/{signature.ParameterTypes.Length}"
        (owners |> List.map (fun owner -> owner, Some called)) @ asType (typesOf signature)

    let rec uses (handle: EntityHandle) =
        match handle.Kind with
        | _ when handle.IsNil -> []
        | HandleKind.TypeDefinition -> asType [ defined (TypeDefinitionHandle.op_Explicit handle) ]
        | HandleKind.TypeReference -> asType [ referred (TypeReferenceHandle.op_Explicit handle) ]
        | HandleKind.TypeSpecification ->
            let specification = metadata.GetTypeSpecification (TypeSpecificationHandle.op_Explicit handle)
            asType (specification.DecodeSignature (signatures, ()))
        | HandleKind.FieldDefinition ->
            let field = metadata.GetFieldDefinition (FieldDefinitionHandle.op_Explicit handle)
            asType (defined (field.GetDeclaringType ()) :: field.DecodeSignature (signatures, ()))
        | HandleKind.MethodDefinition ->
            let method = metadata.GetMethodDefinition (MethodDefinitionHandle.op_Explicit handle)
            let signature = method.DecodeSignature (signatures, ())
            asMember (metadata.GetString method.Name) signature [ defined (method.GetDeclaringType ()) ]
        | HandleKind.MethodSpecification ->
            let specification = metadata.GetMethodSpecification (MethodSpecificationHandle.op_Explicit handle)
            uses specification.Method @ asType (List.concat (specification.DecodeSignature (signatures, ())))
        | HandleKind.MemberReference ->
            let reference = metadata.GetMemberReference (MemberReferenceHandle.op_Explicit handle)
            let owners = uses reference.Parent |> List.map fst

            match reference.GetKind () with
            | MemberReferenceKind.Field -> asType (owners @ reference.DecodeFieldSignature (signatures, ()))
            | _ ->
                let signature = reference.DecodeMethodSignature (signatures, ())
                asMember (metadata.GetString reference.Name) signature owners
        | HandleKind.StandaloneSignature ->
            let signature = metadata.GetStandaloneSignature (StandaloneSignatureHandle.op_Explicit handle)

            match signature.GetKind () with
            | StandaloneSignatureKind.LocalVariables ->
                asType (List.concat (signature.DecodeLocalSignature (signatures, ())))
            | _ -> asType (typesOf (signature.DecodeMethodSignature (signatures, ())))
        | _ -> []

    let attributes (handles: CustomAttributeHandleCollection) = [
        for handle in handles do
            yield! uses (metadata.GetCustomAttribute(handle).Constructor)
    ]

    let constraints (parameters: GenericParameterHandleCollection) = [
        for handle in parameters do
            for bound in metadata.GetGenericParameter(handle).GetConstraints() do
                yield! uses (metadata.GetGenericParameterConstraint(bound).Type)
    ]

    let body (image: PEReader) (method: MethodDefinition) = [
        if method.RelativeVirtualAddress <> 0 then
            let body = image.GetMethodBody method.RelativeVirtualAddress
            yield! uses (StandaloneSignatureHandle.op_Implicit body.LocalSignature)

            for region in body.ExceptionRegions do
                yield! uses region.CatchType

            for token in tokens (body.GetILBytes ()) do
                yield! uses token
    ]

    let members image (handle: TypeDefinitionHandle) = [
        let definition = metadata.GetTypeDefinition handle
        yield! uses definition.BaseType
        yield! attributes (definition.GetCustomAttributes ())
        yield! constraints (definition.GetGenericParameters ())

        for implemented in definition.GetInterfaceImplementations () do
            yield! uses (metadata.GetInterfaceImplementation(implemented).Interface)

        for handle in definition.GetFields () do
            yield! uses (FieldDefinitionHandle.op_Implicit handle)
            yield! attributes (metadata.GetFieldDefinition(handle).GetCustomAttributes())

        for handle in definition.GetProperties () do
            yield! attributes (metadata.GetPropertyDefinition(handle).GetCustomAttributes())

        for handle in definition.GetMethods () do
            let method = metadata.GetMethodDefinition handle
            yield! asType (typesOf (method.DecodeSignature (signatures, ())))
            yield! attributes (method.GetCustomAttributes ())
            yield! constraints (method.GetGenericParameters ())
            yield! body image method
    ]

    member _.Uses image = [
        for handle in metadata.TypeDefinitions do
            let from = defined handle

            for place, called in members image handle do
                { From = from; To = place; Member = called }
    ]

/// Everything that the types of the assembly at `path` use, each use once.
let usesOf (path: string) =
    use image = new PEReader (File.OpenRead path)
    Reader(image.GetMetadataReader ()).Uses image |> List.distinct
