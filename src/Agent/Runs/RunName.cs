using System.Text.RegularExpressions;
using EtcdFleet.Agent.V1;
using EtcdFleet.Agent.Verbs.EtcdEnv;

namespace EtcdFleet.Agent.Runs;

/// <summary>What a caller may call a run, and a document of it: names, never paths.</summary>
internal static partial class RunName
{
    public const string Journal = "journal.jsonl";

    /// <summary>The documents that are kept; the set is closed.</summary>
    public static IReadOnlyList<(RunDocument Document, string File)> Documents { get; } =
    [
        (RunDocument.Plan, "plan.txt"), (RunDocument.ClusterBefore, "before.json"), (RunDocument.ConfigurationBefore, "kubeadm-config.before.yaml"),
    ];

    public static bool IsName(string run) => Name().IsMatch(run);

    /// <exception cref="AgentFault">INVALID_REQUEST.</exception>
    public static string Check(string run) => IsName(run)
        ? run
        : throw new AgentFault(FaultReason.InvalidRequest, $"run is '{EnvValue.Printable(run.Length > 80 ? run[..80] + "…" : run)}', expected 1 to 64 characters of [0-9A-Za-z._-], not with a dot or a dash in front");

    /// <exception cref="AgentFault">INVALID_REQUEST.</exception>
    public static string Of(RunDocument document) => Documents.FirstOrDefault(known => known.Document == document).File
        ?? throw new AgentFault(FaultReason.InvalidRequest, $"document is {document}, expected one of {string.Join(", ", Documents.Select(known => known.Document))}");

    [GeneratedRegex(@"^[0-9A-Za-z][0-9A-Za-z._-]{0,63}\z", RegexOptions.CultureInvariant)]
    private static partial Regex Name();
}
