using System.Runtime.InteropServices;

namespace Fovea.Core.Kernels;

/// <summary>
/// A run of neighbouring inputs that a window reads: one (channel block, window position) of a blocked image, or the
/// positions of a window's row that lie side by side in a plain one. A list of taps is all that the micro-kernels
/// know of windows, strides and dilation.
/// </summary>
/// <param name="Offset">Floats from the window's origin to the first input of the run.</param>
/// <param name="Length">Inputs in the run, 1 or more; as many vectors of weights belong to it.</param>
[StructLayout(LayoutKind.Sequential)]
internal readonly record struct Tap(int Offset, int Length);
