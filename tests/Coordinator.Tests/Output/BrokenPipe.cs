using System.Text;

namespace EtcdFleet.Coordinator.Tests.Output;

/// <summary>A stream whose reader is gone.</summary>
internal sealed class BrokenPipe : TextWriter
{
    public override Encoding Encoding => Encoding.UTF8;

    public override void Write(char value) => throw new IOException("Broken pipe");
}
