namespace EtcdFleet.Coordinator.Fleets;

/// <summary>A part of a YAML file that knows where it stands.</summary>
/// <param name="Line">1-based.</param>
/// <param name="Column">1-based.</param>
internal abstract record YamlPart(int Line, int Column)
{
    /// <summary>The file, as messages call it; empty where there is only one.</summary>
    public string File { get; init; } = "";

    public TextPlace Place => new(File, Line, Column);

    /// <summary>What it is, for a message: "a list".</summary>
    public abstract string Kind { get; }

    /// <param name="Line">1-based.</param>
    /// <param name="Column">1-based.</param>
    /// <param name="Value">As written, without quotes.</param>
    /// <param name="Plain">Written without quotes, so that it may be true, false, a number or nothing.</param>
    internal sealed record Scalar(int Line, int Column, string Value, bool Plain) : YamlPart(Line, Column)
    {
        public bool IsNull => Plain && Value is "" or "~" or "null";

        public override string Kind => IsNull ? "nothing" : $"'{(Value.Length > 60 ? Value[..60] + "…" : Value)}'";
    }

    internal sealed record Sequence(int Line, int Column, IReadOnlyList<YamlPart> Items) : YamlPart(Line, Column)
    {
        public override string Kind => "a list";
    }

    internal sealed record Mapping(int Line, int Column, IReadOnlyList<(Scalar Key, YamlPart Value)> Entries) : YamlPart(Line, Column)
    {
        public override string Kind => "a mapping";
    }

    /// <summary>Something that stands there and is not read. It is an error only where its value is wanted.</summary>
    /// <param name="Line">1-based.</param>
    /// <param name="Column">1-based.</param>
    /// <param name="What">What it is, for a message: "a value that Ansible Vault has encrypted".</param>
    internal sealed record Unreadable(int Line, int Column, string What) : YamlPart(Line, Column)
    {
        public override string Kind => What;
    }
}
