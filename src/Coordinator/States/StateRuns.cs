using System.Globalization;
using EtcdFleet.Agent.V1;
using EtcdFleet.Coordinator.Runs;
using Google.Protobuf;

namespace EtcdFleet.Coordinator.States;

/// <summary>A cluster's runs as the state's etcd has them. It was asked for by name, so no answer is no reason to go on without it.</summary>
internal sealed class StateRuns(StateEtcd etcd, StateKeys keys) : IKeptRuns
{
    public string Name => $"{etcd.Address}";

    public string Where(string run) => $"{etcd.Address}, {keys.Lines(run)}";

    public async Task<IReadOnlyList<KeptRun>> ListAsync(CancellationToken cancellationToken)
    {
        var found = await AskAsync(() => etcd.ListAsync(keys.Runs, cancellationToken));
        return [.. found.Select(one => Kept(one.Key.ToStringUtf8()[keys.Runs.Length..], one.Value.ToStringUtf8()))];
    }

    /// <summary>Everything that is there, in the keys' order; a line that is missing shows as a number that is.</summary>
    public async Task<RunCopy> ReadAsync(string run, CancellationToken cancellationToken)
    {
        var lines = await AskAsync(() => etcd.ListAsync(keys.Lines(run), cancellationToken));
        var copy = new RunCopy(Where(run), [.. lines.Select(line => line.Value.ToStringUtf8())], []);
        var documents = new StateDocuments(etcd, keys, run);
        foreach (var (document, name) in RunDocuments.All)
        {
            if (await AskAsync(() => documents.ReadAsync(name, cancellationToken)) is { } content)
            {
                copy.Documents.Add(new() { Document = document, Content = ByteString.CopyFrom(content) });
            }
        }

        return copy;
    }

    private static KeptRun Kept(string run, string lines) => ulong.TryParse(lines, NumberStyles.None, CultureInfo.InvariantCulture, out var count)
        ? new() { Run = run, NextSeq = count + 1 }
        : new() { Run = run, Problem = $"its number of lines is '{lines}'" };

    private static async Task<T> AskAsync<T>(Func<Task<T>> ask)
    {
        try
        {
            return await ask();
        }
        catch (StateFault away)
        {
            throw new CommandFault(ExitCode.Refused, $"{away.Message}; expected the runs that it keeps. Nothing was changed");
        }
    }
}
