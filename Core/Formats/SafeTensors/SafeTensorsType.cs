namespace Fovea.Core.Formats;

/// <summary>The types of elements that are read from safetensors files; all become float32.</summary>
public enum SafeTensorsType
{
    /// <summary>A truth value: 0 or 1 in a byte.</summary>
    Bool,

    /// <summary>An unsigned byte.</summary>
    U8,

    /// <summary>A signed byte.</summary>
    I8,

    /// <summary>An unsigned whole number of 2 bytes.</summary>
    U16,

    /// <summary>A signed whole number of 2 bytes.</summary>
    I16,

    /// <summary>A half-precision number: 5 bits of exponent, 10 of fraction.</summary>
    F16,

    /// <summary>The upper half of a single-precision number: 8 bits of exponent, 7 of fraction.</summary>
    BF16,

    /// <summary>An unsigned whole number of 4 bytes.</summary>
    U32,

    /// <summary>A signed whole number of 4 bytes.</summary>
    I32,

    /// <summary>A single-precision number: what tensors are, and what is written.</summary>
    F32,

    /// <summary>An unsigned whole number of 8 bytes.</summary>
    U64,

    /// <summary>A signed whole number of 8 bytes.</summary>
    I64,

    /// <summary>A double-precision number.</summary>
    F64,
}
