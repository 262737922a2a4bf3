using System.Globalization;
using Google.Protobuf;

namespace EtcdFleet.Coordinator.States;

/// <summary>Where in the state's etcd what of one cluster lies. Written down in docs/state-etcd.md: others look there with etcdctl.</summary>
internal sealed class StateKeys(string prefix, string cluster)
{
    /// <summary>Digits of a line's number, so that their order is that of the keys.</summary>
    private const string Digits = "D10";

    /// <summary>Who has the lock.</summary>
    public ByteString Lock { get; } = Key($"{prefix}/{cluster}/lock");

    /// <summary>One key a run, whose value is the number of its lines: what a list needs, and no line of them.</summary>
    public string Runs { get; } = $"{prefix}/{cluster}/runs/";

    public ByteString Run(string run) => Key(Runs + run);

    public string Lines(string run) => $"{prefix}/{cluster}/journals/{run}/";

    public ByteString Line(string run, int number) => Key(Lines(run) + number.ToString(Digits, CultureInfo.InvariantCulture));

    /// <summary>What a document consists of: written after its parts.</summary>
    public ByteString Document(string run, string name) => Key($"{prefix}/{cluster}/documents/{run}/{name}");

    /// <summary>A document's parts, named after its content, so that a new content never lies on an older one's.</summary>
    public ByteString Part(string run, string name, string sha256, int number) => Key($"{prefix}/{cluster}/documents/{run}/{name}/{sha256}/{number.ToString(Digits, CultureInfo.InvariantCulture)}");

    public static ByteString Key(string key) => ByteString.CopyFromUtf8(key);
}
