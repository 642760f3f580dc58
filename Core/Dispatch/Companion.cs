namespace Fovea.Core.Dispatch;

/// <summary>A thread beside the workers, for what goes on while they compute: preparing data.</summary>
internal static class Companion
{
    /// <summary>Starts a thread that does not keep the process alive.</summary>
    /// <param name="name">What a debugger calls it.</param>
    /// <param name="work">What it does. An exception that leaves it ends the process.</param>
    public static Thread Start(string name, Action work)
    {
        Thread thread = new(() => work()) { IsBackground = true, Name = name };
        thread.Start();
        return thread;
    }
}
