using EtcdFleet.Coordinator.Cli;
using EtcdFleet.Coordinator.Cluster;
using EtcdFleet.Coordinator.Engine;

namespace EtcdFleet.Coordinator.Procedures;

/// <summary>What the <c>snapshot</c> commands do.</summary>
internal sealed class SnapshotOperations : ISnapshotOperations
{
    public Task<ExitCode> SaveAsync(CommandScope scope, SnapshotSaveOptions options, CancellationToken cancellationToken) =>
        Snapshots.SaveChange(scope, options).RunAsync(scope, cancellationToken);

    public async Task<ExitCode> ListAsync(CommandScope scope, IReadOnlyList<string> folders, CancellationToken cancellationToken)
    {
        var catalogue = await CatalogueAsync(scope, folders, cancellationToken);
        scope.Reporter.Table("", SnapshotTable.Columns, [.. catalogue.Snapshots.Select(copies => SnapshotTable.Row(copies, catalogue.ClusterId))]);
        return ExitCode.Done;
    }

    public async Task<ExitCode> VerifyAsync(CommandScope scope, IReadOnlyList<string> names, string file, IReadOnlyList<string> folders, CancellationToken cancellationToken)
    {
        var catalogue = await CatalogueAsync(scope, folders, cancellationToken);
        var places = file.Length > 0 ? await OfFileAsync(catalogue, file, cancellationToken) : [.. catalogue.Places.Where(place => names.Count == 0 || names.Contains(place.Facts.Name))];
        if (names.FirstOrDefault(name => places.All(place => place.Facts.Name != name)) is { } missing)
        {
            throw new CommandFault(ExitCode.Usage, $"found no snapshot '{missing}', expected one of 'etcdfleet snapshot list'{NearMiss.Hint(missing, catalogue.Places.Select(place => place.Facts.Name).Distinct())}");
        }

        var verdicts = await new SnapshotVerification(scope.Agents, scope.Time).OfAsync(places, cancellationToken);
        scope.Reporter.Table("", SnapshotTable.VerdictColumns, [.. verdicts.Select(SnapshotTable.Verdict)]);
        var bad = verdicts.Where(verdict => !verdict.Facts.Verified).ToList();
        if (bad.Count == 0 && catalogue.Silent.Count == 0 && verdicts.Count > 0)
        {
            return ExitCode.Done;
        }

        scope.Reporter.Error(ExitCode.Refused, verdicts.Count == 0 ? "found no snapshot, expected at least one: 'etcdfleet snapshot save' takes one"
            : bad.Count > 0 ? $"not verified: {string.Join(", ", bad.Select(verdict => $"{verdict.Facts.Name} on {verdict.Where}"))}"
            : $"what {string.Join(", ", catalogue.Silent.Select(silent => silent.Node.Name))} has was not looked at, expected an answer of every node");
        return ExitCode.Refused;
    }

    public async Task<ExitCode> DrillAsync(CommandScope scope, string name, string node, CancellationToken cancellationToken)
    {
        var catalogue = await CatalogueAsync(scope, [], cancellationToken);
        var fit = catalogue.Places.Where(place => place.Node is not null && place.Facts.Problem.Length == 0 && (name.Length == 0 || place.Facts.Name == name) && (node.Length == 0 || place.Node.Name == node))
            .OrderByDescending(place => place.Facts.Taken.ToDateTimeOffset()).FirstOrDefault();
        return fit is null
            ? throw new CommandFault(ExitCode.Refused, $"found no snapshot{(name.Length > 0 ? $" '{name}'" : "")} on {(node.Length > 0 ? node : "any node")} that is not known to be damaged, expected one of 'etcdfleet snapshot list'; 'etcdfleet snapshot save' takes one")
            : await Snapshots.DrillChange(scope, fit.Node!, fit.Facts.Name).RunAsync(scope, cancellationToken);
    }

    /// <summary>The file itself, and the nodes' copies of the same bytes: only there is an etcdutl that has opened them.</summary>
    private static async Task<IReadOnlyList<SnapshotPlace>> OfFileAsync(SnapshotCatalogue catalogue, string file, CancellationToken cancellationToken)
    {
        if (!File.Exists(file))
        {
            throw new CommandFault(ExitCode.Usage, $"found no file {file}, expected a snapshot");
        }

        var digest = await SnapshotCopy.LookAsync(file, cancellationToken);
        return [.. catalogue.Places.Where(place => place.Node is not null && place.Facts.Sha256 == digest.Sha256), new(null, file, new() { Name = Path.GetFileName(file), Sha256 = digest.Sha256, Size = digest.Size })];
    }

    private static async Task<SnapshotCatalogue> CatalogueAsync(CommandScope scope, IReadOnlyList<string> folders, CancellationToken cancellationToken)
    {
        var runs = new RunFolders(scope.StateFolder, scope.Time).All;
        var catalogue = await SnapshotCatalogue.OfAsync(
            scope.Fleet, scope.Agents, [Snapshots.Folder(scope.StateFolder), .. Directory.Exists(runs) ? Directory.GetDirectories(runs) : [], .. folders], cancellationToken);
        foreach (var (node, problem) in catalogue.Silent)
        {
            scope.Reporter.Report(new RunEvent.Note($"{node}: what it has is not known: {problem}", Warning: true));
        }

        return catalogue;
    }
}
