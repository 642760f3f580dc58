using System.Runtime.CompilerServices;
using Fovea.Core.Shapes;

namespace Fovea.Core.Kernels;

/// <summary>
/// The taps of a window in the order in which packed weights lie and sums are taken: phase by phase of the targets,
/// then block by block of the source channels, row by row, and within a row as the band has the columns.
/// </summary>
[SkipLocalsInit]
internal static unsafe class WindowTaps
{
    /// <summary>The widest window whose taps fit the small tables here; larger ones are left to other algorithms.</summary>
    public const int MostTaps = 1024;

    /// <summary>
    /// The taps of one column phase, ordered by where the band has their columns.
    /// </summary>
    /// <param name="c">The correlation.</param>
    /// <param name="phase">The phase of the target columns.</param>
    /// <param name="taps">Receives the numbers of the taps in the window.</param>
    /// <param name="places">Receives their places in a row of the band, in pixels.</param>
    /// <returns>Their number.</returns>
    public static int Columns(in Correlation c, int phase, int* taps, int* places)
    {
        int count = 0;
        int step = c.Columns.Step;
        for (int tap = 0; tap < c.Columns.Taps; tap++)
        {
            if (!c.Columns.Reads(phase, tap, out int offset))
            {
                continue;
            }

            int place = c.InPlace ? offset : ((offset - c.Columns.Nearest) % step * c.PhaseColumns) + ((offset - c.Columns.Nearest) / step);
            int at = count++;
            while (at > 0 && places[at - 1] > place)
            {
                places[at] = places[at - 1];
                taps[at] = taps[at - 1];
                at--;
            }

            places[at] = place;
            taps[at] = tap;
        }

        return count;
    }

    /// <summary>Writes the list of taps of one phase and one pass over source blocks; returns their number.</summary>
    public static int List(in Correlation c, int rowPhase, int columnPhase, int block0, int block1, Tap* list)
    {
        int* taps = stackalloc int[c.Columns.Taps];
        int* places = stackalloc int[c.Columns.Taps];
        int columns = Columns(c, columnPhase, taps, places);
        int origin = c.InPlace ? 0 : c.Rows.Nearest;
        int count = 0;
        int planes = c.Stem ? c.SourceChannels : block1 - block0;
        for (int plane = 0; plane < planes; plane++)
        {
            int length = c.Stem ? 1 : Math.Min(Blocks.Width, c.SourceChannels - ((block0 + plane) * Blocks.Width));
            int lanes = c.Stem ? 1 : Blocks.Width;
            for (int row = 0; row < c.Rows.Taps; row++)
            {
                if (!c.Rows.Reads(rowPhase, row, out int offset))
                {
                    continue;
                }

                int begin = (plane * c.PlaneFloats) + ((offset - origin) * c.RowFloats);
                for (int i = 0; i < columns; i++)
                {
                    int at = begin + (places[i] * lanes);
                    if (c.Stem && i > 0 && places[i] == places[i - 1] + 1)
                    {
                        Tap before = list[count - 1];
                        list[count - 1] = before with { Length = before.Length + 1 };
                    }
                    else
                    {
                        list[count++] = new Tap(at, length);
                    }
                }
            }
        }

        return count;
    }
}
