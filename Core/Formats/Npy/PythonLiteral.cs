using System.Globalization;
using Fovea.Core.Shapes;

namespace Fovea.Core.Formats;

/// <summary>Reads the one kind of Python text that a NumPy header is; nothing in it is evaluated.</summary>
internal sealed class PythonLiteral(string text)
{
    private const int MostAxes = 64; // NumPy's own limit.
    private int at;

    /// <summary><c>{'descr': '&lt;f4', 'fortran_order': False, 'shape': (2, 3), }</c>, the entries in any order.</summary>
    public NpyHeader Header()
    {
        NpyType? type = null;
        bool? columnMajor = null;
        Shape? shape = null;
        Expect('{');
        while (!Try('}'))
        {
            string key = Quoted();
            Expect(':');
            switch (key)
            {
                case "descr" when type is null:
                    type = NpyType.Parse(Peek() is '\'' or '"' ? Quoted() : throw new DataFormatException("npy: the file holds records of named fields, which are not read; save plain numbers"));
                    break;
                case "fortran_order" when columnMajor is null:
                    columnMajor = Word() switch { "True" => true, "False" => false, _ => throw Fault() };
                    break;
                case "shape" when shape is null:
                    shape = Extents();
                    break;
                default:
                    throw Fault();
            }

            if (!Try(','))
            {
                Expect('}');
                break;
            }
        }

        Skip();
        return at == text.Length && type is { } t && columnMajor is { } order && shape is not null ? new(t, order, shape) : throw Fault();
    }

    private Shape Extents()
    {
        var extents = new List<int>();
        Expect('(');
        while (!Try(')'))
        {
            string digits = Word().TrimEnd('L'); // Python 2 wrote long numbers so.
            if (!int.TryParse(digits, NumberStyles.None, CultureInfo.InvariantCulture, out int extent) || extents.Count == MostAxes)
            {
                throw new DataFormatException($"npy: '{digits}' is not an extent that an array can have; the file is damaged or too large");
            }

            extents.Add(extent);
            if (!Try(','))
            {
                Expect(')');
                break;
            }
        }

        try
        {
            return new Shape([.. extents]);
        }
        catch (ShapeException fault)
        {
            throw new DataFormatException($"npy: {fault.Message}", fault);
        }
    }

    private string Quoted()
    {
        char quote = Peek();
        int end = quote is '\'' or '"' ? text.IndexOf(quote, at + 1) : -1;
        if (end < 0)
        {
            throw Fault();
        }

        string inside = text[(at + 1)..end];
        at = end + 1;
        return inside;
    }

    private string Word()
    {
        Skip();
        int start = at;
        while (at < text.Length && char.IsAsciiLetterOrDigit(text[at]))
        {
            at++;
        }

        return text[start..at];
    }

    private char Peek()
    {
        Skip();
        return at < text.Length ? text[at] : throw Fault();
    }

    private bool Try(char letter)
    {
        bool there = Peek() == letter;
        at += there ? 1 : 0;
        return there;
    }

    private void Expect(char letter)
    {
        if (!Try(letter))
        {
            throw Fault();
        }
    }

    private void Skip()
    {
        while (at < text.Length && text[at] is ' ' or '\n' or '\t' or '\r')
        {
            at++;
        }
    }

    private DataFormatException Fault() =>
        new($"npy: the header cannot be read at letter {at}; expected descr, fortran_order and shape as numpy.save writes them");
}
