using Fovea.Core.Shapes;
using Fovea.Core.Tensors;

namespace Fovea.Core.Plans;

/// <summary>Puts a graph together, vertex by vertex.</summary>
public sealed class GraphBuilder
{
    private readonly Shape input;
    private readonly List<Vertex> vertices = [];
    private readonly List<GraphParameter> parameters = [];
    private readonly Dictionary<string, int> places = [];

    /// <summary>Starts a graph whose input is one image of this shape.</summary>
    public GraphBuilder(Shape input) => this.input = input;

    /// <summary>The shape of a value, for one image.</summary>
    public Shape ShapeOf(int value) => value == Graph.InputValue ? input : vertices[value - 1].Node.Output;

    /// <summary>Adds an operation and answers the number of its output.</summary>
    /// <param name="name">
    /// The stage's name, which begins its parameters' names. Two operations of one name share their parameters, which
    /// must then agree in shape.
    /// </param>
    /// <param name="node">The operation, made for the shapes of its inputs.</param>
    /// <param name="trained">Which of its parameters optimizers change.</param>
    /// <param name="inputs">The values that it reads.</param>
    /// <exception cref="ShapeException">Parameters of one name differ in shape.</exception>
    public int Add(string name, Node node, Trained trained, params int[] inputs)
    {
        ArgumentNullException.ThrowIfNull(node);
        int[] own = [.. node.Parameters.Select(spec => Place($"{name}.{spec.Name}", spec, trained))];
        vertices.Add(new Vertex(name, trained == Trained.Nothing ? node.Frozen : node, [.. inputs], own));
        return vertices.Count;
    }

    /// <summary>The graph whose output is the given value.</summary>
    public Graph Build(int output) => new(input, [.. vertices], [.. parameters], output);

    private int Place(string name, ParameterSpec spec, Trained trained)
    {
        if (!places.TryGetValue(name, out int place))
        {
            place = parameters.Count;
            places.Add(name, place);
            parameters.Add(new GraphParameter(name, spec, Trains(spec.Role, trained)));
        }
        else if (parameters[place].Spec.Shape != spec.Shape)
        {
            throw new ShapeException(name, $"shared weights are {parameters[place].Spec.Shape} in one place and {spec.Shape} in another", "share only between inputs of equal channels");
        }

        return place;
    }

    private static bool Trains(ParameterRole role, Trained trained) => role switch
    {
        ParameterRole.Buffer => false,
        ParameterRole.Bias or ParameterRole.Shift => trained != Trained.Nothing,
        _ => trained == Trained.Everything,
    };
}
