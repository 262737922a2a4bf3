using System.Runtime.InteropServices;

namespace EtcdFleet.Lab.Host;

/// <summary>Becoming another program.</summary>
internal static partial class Native
{
    /// <summary>Replaces this process by a program: same id, same terminal, signals go straight to it.</summary>
    /// <exception cref="LabException">The program cannot be run. Otherwise this does not return.</exception>
    public static int Become(IReadOnlyList<string> command)
    {
        string?[] arguments = [.. command, null];
        _ = Execute(command[0], arguments);
        throw new LabException($"{command[0]} cannot be run: {Marshal.GetLastPInvokeErrorMessage()}");
    }

    [LibraryImport("libc", EntryPoint = "execvp", SetLastError = true, StringMarshalling = StringMarshalling.Utf8)]
    private static partial int Execute(string file, string?[] arguments);
}
