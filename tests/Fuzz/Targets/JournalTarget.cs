using EtcdFleet.Coordinator.Engine;
using EtcdFleet.TestKit;

namespace EtcdFleet.Fuzz.Targets;

/// <summary>A run's journal: read, listed and looked through for what it has left undone, or said to be damaged.</summary>
internal sealed class JournalTarget : FuzzTarget, IDisposable
{
    private readonly TemporaryFolder _folder = new();
    private readonly RunFolders _runs;
    private readonly string _file;

    public JournalTarget()
        : base("journal")
    {
        _runs = new RunFolders(_folder.Path, TimeProvider.System);
        _file = Path.Combine(_runs.Of("run"), RunFolders.JournalName);
        Directory.CreateDirectory(Path.GetDirectoryName(_file)!);
    }

    public override IReadOnlyList<string> Words => ["{\"seq\":1,", "\"kind\":\"run-started\"", "\"kind\":\"intent\"", "\"kind\":\"receipt\"", "\"kind\":\"run-ended\"", "\"step\":\"A3/cp1/stash-manifest\"", "\"exit\":0", "\"facts\":{", "\"cluster\":\"kkg\"", "\"procedure\":\"migrate\"", "null", "}\n"];

    public override bool Try(byte[] input)
    {
        File.WriteAllBytes(_file, input);
        var catalogue = new RunCatalogue(_runs);
        Require(catalogue.List().Count == 1, "the run is not listed");
        try
        {
            Require(Journal.Read(_file).All(record => record is { Kind: not null, Step: not null, Summary: not null, Operation: not null }), "a record without what it has to have");
            _ = catalogue.Show("run");
            _ = _runs.FindUnfinished("kkg", "migrate");
            return true;
        }
        catch (InvalidDataException damaged)
        {
            return Refused(damaged.Message, longest: 100_000);
        }
    }

    public void Dispose() => _folder.Dispose();
}
