namespace EtcdFleet.Agent.Runs;

/// <summary>Where copies of journals lie: a folder a run, in it files of fixed names. Names have been checked by whoever calls.</summary>
internal interface IRunFiles
{
    IReadOnlyList<string> Runs();

    /// <summary>A file's content; null when there is none.</summary>
    /// <exception cref="AgentFault">UNSAFE_FILE: a link, or no file.</exception>
    byte[]? Read(string run, string file);

    /// <summary>Writes it whole; its folder is made.</summary>
    void Write(string run, string file, ReadOnlySpan<byte> content);

    /// <summary>Writes behind what is whole; durable when this returns. Its folder is made.</summary>
    /// <param name="run">Which.</param>
    /// <param name="file">Which of its files.</param>
    /// <param name="length">Bytes that stay; what is behind them was torn.</param>
    /// <param name="content">Comes after them.</param>
    void Append(string run, string file, long length, ReadOnlySpan<byte> content);

    void Remove(string run);

    /// <summary>What messages call a run's folder.</summary>
    string Name(string run);
}
