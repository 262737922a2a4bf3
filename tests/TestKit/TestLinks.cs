using System.Diagnostics;

namespace EtcdFleet.TestKit;

/// <summary>Second names of files, as somebody with a shell makes them.</summary>
internal static class TestLinks
{
    public static void Hard(string file, string name)
    {
        using var ln = Process.Start("/bin/ln", [file, name]);
        ln.WaitForExit();
    }
}
