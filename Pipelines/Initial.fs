namespace Fovea

open System
open Fovea.Core.Layers
open Fovea.Core.Randomness

/// Which way a layer's signal is to keep its size: forward (Fan.In) or backward (Fan.Out).
type Fan = Fovea.Core.Layers.Fan

/// How a parameter begins. See `Initial` and `Model.initWith`.
[<CustomEquality; NoComparison>]
type Initializer = internal {
    Name: string
    /// None: as its layer says.
    Create: Func<Shape, RandomKey, Tensor> option
} with

    override this.ToString () = this.Name
    override this.Equals other = Object.ReferenceEquals (this, other)
    override this.GetHashCode () = hash this.Name

/// The ways in which parameters begin, with PyTorch's fans: weights (K, C, R, S) have C·R·S inputs and K·R·S outputs.
[<AbstractClass; Sealed>]
type Initial =

    static member private Of (name, create) : Initializer = { Name = name; Create = Some create }

    /// As its layer says: He's normal distribution for weights, 0 for biases, 1 and 0 for a normalisation's.
    static member usual: Initializer = { Name = "usual"; Create = None }

    /// Every element the same.
    static member constant (value: float) = Initial.Of ("constant", Fovea.Core.Layers.Initial.Constant (float32 value))

    /// Normally distributed: `Initial.normal (deviation = 0.02)`.
    static member normal (?mean: float, ?deviation: float) =
        Initial.Of ("normal", Fovea.Core.Layers.Initial.Normal (defaultArg mean 0.0, defaultArg deviation 1.0))

    /// Uniformly distributed between two bounds.
    static member uniform (low: float, high: float) =
        Initial.Of ("uniform", Fovea.Core.Layers.Initial.Uniform (low, high))

    /// Normal with deviation sqrt (2 / (1 + slope²) / fan), for leaky ReLUs of a slope (He et al., 2015); PyTorch's
    /// kaiming_normal_.
    static member heNormal (?fan: Fan, ?slope: float) =
        Initial.Of ("heNormal", Fovea.Core.Layers.Initial.HeNormal (defaultArg fan Fan.In, defaultArg slope 0.0))

    /// Uniform with the deviation of `heNormal`; PyTorch's kaiming_uniform_. `Initial.heUniform (slope = sqrt 5.0)` is
    /// what PyTorch's own layers begin with.
    static member heUniform (?fan: Fan, ?slope: float) =
        Initial.Of ("heUniform", Fovea.Core.Layers.Initial.HeUniform (defaultArg fan Fan.In, defaultArg slope 0.0))

    /// Normal with deviation gain * sqrt (2 / (fan-in + fan-out)) (Glorot and Bengio, 2010).
    static member xavierNormal (?gain: float) =
        Initial.Of ("xavierNormal", Fovea.Core.Layers.Initial.XavierNormal (defaultArg gain 1.0))

    /// Uniform with the deviation of `xavierNormal`.
    static member xavierUniform (?gain: float) =
        Initial.Of ("xavierUniform", Fovea.Core.Layers.Initial.XavierUniform (defaultArg gain 1.0))

    /// Filters that are orthogonal to each other, each of length gain (Saxe et al., 2014).
    static member orthogonal (?gain: float) =
        Initial.Of ("orthogonal", Fovea.Core.Layers.Initial.Orthogonal (defaultArg gain 1.0))

    /// Filters that pass their channels on as they are (Zagoruyko and Komodakis, 2017). Filters that are more than the
    /// channels are 0, or begin as `rest` says.
    static member dirac (?groups: int, ?rest: Initializer) =
        let rest = rest |> Option.bind _.Create |> Option.toObj
        Initial.Of ("dirac", Fovea.Core.Layers.Initial.Dirac (defaultArg groups 1, rest))
