namespace Fovea.Core.Pictures;

/// <summary>A small typeface of 5×7 pixels for labels and charts: ASCII, and × for sizes.</summary>
public static class Font
{
    /// <summary>Pixels from a letter to the next.</summary>
    public const int Advance = 6;

    /// <summary>Pixels from a line to the next.</summary>
    public const int LineHeight = 10;

    /// <summary>The height of a capital letter.</summary>
    public const int CapHeight = 7;

    private const int Columns = 5;
    private const char First = ' ';
    private const string Digits = "0123456789ABCDEFGHIJKLMNOPQRSTUV";
    private const string Descending = "gpqy";
    private const int Descent = 2;
    private const string Unknown = "VHHHHHV";
    private const string Times = "0HA4AH0";

    // A letter is seven rows from the top, each a digit to base 32 whose bits are its pixels, the leftmost highest.
    private static readonly string[] Letters =
    [
        "0000000", "4444404", "AAA0000", "AAVAVAA", "4FKE5U4", "OP248J3", "CIK8LID", "C480000", // space ! " # $ % & '
        "2488842", "8422248", "04LEL40", "044V440", "0000C48", "000E000", "00000CC", "01248G0", // ( ) * + , - . /
        "EHJLPHE", "4C4444E", "EH1248V", "V2421HE", "26AIV22", "VGU11HE", "68GUHHE", "V124888", // 0 1 2 3 4 5 6 7
        "EHHEHHE", "EHHF12C", "0CC0CC0", "0CC0C48", "248G842", "00V0V00", "8421248", "EH12404", // 8 9 : ; < = > ?
        "EH1DLLE", "EHHVHHH", "UHHUHHU", "EHGGGHE", "SIHHHIS", "VGGUGGV", "VGGUGGG", "EHGNHHF", // @ A B C D E F G
        "HHHVHHH", "E44444E", "72222IC", "HIKOKIH", "GGGGGGV", "HRLLHHH", "HHPLJHH", "EHHHHHE", // H I J K L M N O
        "UHHUGGG", "EHHHLID", "UHHUKIH", "FGGE11U", "V444444", "HHHHHHE", "HHHHHA4", "HHHLLLA", // P Q R S T U V W
        "HHA4AHH", "HHA4444", "V1248GV", "E88888E", "0G84210", "E22222E", "4AH0000", "000000V", // X Y Z [ \ ] ^ _
        "8420000", "00E1FHF", "GGUHHHU", "00FGGGF", "11FHHHF", "00EHVGE", "698S888", "FHHHF1E", // ` a b c d e f g
        "GGUHHHH", "40C444E", "20622IC", "GGIKOKI", "C44444E", "00QLLHH", "00UHHHH", "00EHHHE", // h i j k l m n o
        "UHHHUGG", "FHHHF11", "00MPGGG", "00FGE1U", "88S8896", "00HHHJD", "00HHHA4", "00HHLLA", // p q r s t u v w
        "00HA4AH", "HHHHF1E", "00V248V", "2448442", "4444444", "8442448", "008L200", // x y z { | } ~
    ];

    /// <summary>Pixels that a text takes in a row.</summary>
    public static int Width(string text)
    {
        ArgumentNullException.ThrowIfNull(text);
        return Math.Max(0, (text.Length * Advance) - 1);
    }

    /// <summary>As much of a text as fits in a width, with .. in place of the rest.</summary>
    public static string Cut(string text, int width)
    {
        ArgumentNullException.ThrowIfNull(text);
        int fits = Math.Max(0, (width + 1) / Advance);
        return text.Length <= fits ? text
            : fits > 4 ? text[..(fits - 2)] + ".."
            : text[..fits];
    }

    /// <summary>Writes a text with its top left corner at a place.</summary>
    public static void Write(Image image, string text, int left, int top, Colour ink)
    {
        ArgumentNullException.ThrowIfNull(image);
        ArgumentNullException.ThrowIfNull(text);
        foreach (char letter in text)
        {
            string rows = letter - First is >= 0 and var index && index < Letters.Length ? Letters[index] : letter == '×' ? Times : Unknown;
            int below = Descending.Contains(letter, StringComparison.Ordinal) ? Descent : 0;
            for (int y = 0; y < rows.Length; y++)
            {
                int bits = Digits.IndexOf(rows[y], StringComparison.Ordinal);
                for (int x = 0; x < Columns; x++)
                {
                    if ((bits >> (Columns - 1 - x) & 1) != 0)
                    {
                        image.Fill(left + x, top + below + y, 1, 1, ink);
                    }
                }
            }

            left += Advance;
        }
    }
}
