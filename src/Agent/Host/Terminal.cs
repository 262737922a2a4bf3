namespace EtcdFleet.Agent.Host;

/// <summary>The few lines that are written before there is a log.</summary>
internal static class Terminal
{
    public static void Write(string line) => Console.Out.WriteLine(line);

    public static void WriteError(string line) => Console.Error.WriteLine(line);
}
