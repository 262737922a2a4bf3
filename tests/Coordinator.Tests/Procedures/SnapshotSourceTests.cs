using EtcdFleet.Coordinator.Cli;
using EtcdFleet.Coordinator.Cluster;
using EtcdFleet.Coordinator.Procedures;
using EtcdFleet.TestKit;
using Xunit;

namespace EtcdFleet.Coordinator.Tests.Procedures;

/// <summary>Where the snapshot of a restore comes from, by what the operator typed.</summary>
public sealed class SnapshotSourceTests : IDisposable
{
    private const string Name = "etcd-20261123T031500Z-cp2.db";

    private readonly TempState _state = new();
    private readonly FakeFleet _fleet = new(Inventory.Of(3));

    private static CancellationToken Token => TestContext.Current.CancellationToken;

    private string Folder => Path.Combine(_state.Path, "snapshots");

    [Fact]
    public async Task Find_AFileOfThisMachine_IsRead_AndNoAgentIsAsked()
    {
        var file = Path.Combine(_state.Path, "mine.db");
        File.WriteAllBytes(file, FakeReads.SnapshotContent);
        foreach (var node in _fleet.Nodes)
        {
            node.AwayUntil = DateTimeOffset.MaxValue;
        }

        var found = await FindAsync(file);

        Assert.Equal((file, "mine.db"), (found.Path, found.Facts.Name));
        Assert.False(Directory.Exists(Folder));
    }

    [Fact]
    public async Task Find_AFileThatIsDamaged_IsRefused_ThoughANodeHasTheName()
    {
        Has("cp2");
        var file = Path.Combine(_state.Path, Name);
        File.WriteAllBytes(file, FakeReads.SnapshotContent[..^1]);

        Assert.Equal(ExitCode.Refused, (await Assert.ThrowsAsync<CommandFault>(() => FindAsync(file))).Exit);
    }

    [Fact]
    public async Task Find_ANameThatANodeHas_IsCopiedHere_ForThisUserAlone()
    {
        Has("cp2");

        var found = await FindAsync(Name);

        Assert.Equal(Path.Combine(Folder, Name), found.Path);
        Assert.Equal(FakeReads.SnapshotContent, File.ReadAllBytes(found.Path));
        Assert.Equal((Name, 0xC1UL, 10_000L, Inventory.EtcdVersion, false), (found.Facts.Name, found.Facts.ClusterId, found.Facts.Revision, found.Facts.EtcdVersion, found.Facts.Verified));
        Assert.Equal(UnixFileMode.UserRead | UnixFileMode.UserWrite, File.GetUnixFileMode(found.Path));
        Assert.Equal(UnixFileMode.UserRead | UnixFileMode.UserWrite | UnixFileMode.UserExecute, File.GetUnixFileMode(Folder));
        Assert.Equal([Name, $"{Name}.json"], Files());
        Assert.Equal(found.Facts.Sha256, SnapshotCopy.Facts(found.Path)!.Sha256); // 'resume' reads the file, and finds what is known of it
    }

    [Fact]
    public async Task Find_Again_TakesTheCopyThatIsHere()
    {
        Has("cp2");
        var first = await FindAsync(Name);
        var written = File.GetLastWriteTimeUtc(first.Path);

        Assert.Equal(first, await FindAsync(Name));
        Assert.Equal(written, File.GetLastWriteTimeUtc(first.Path));
    }

    [Fact]
    public async Task Find_WhatNobodyHasOpened_DoesNotCount()
    {
        _fleet["cp2"].NoEtcdutl = true;
        Has("cp2");

        var refused = await Assert.ThrowsAsync<CommandFault>(() => FindAsync(Name));

        Assert.Equal(ExitCode.Refused, refused.Exit);
        Assert.Equal($"found neither a file {Name} on this machine nor a verified snapshot of that name on a node that answers; expected one of them. Nothing was changed", refused.Message);
    }

    [Fact]
    public async Task Find_NodesThatDoNotAnswerOrSend_ArePassedOver()
    {
        Has("cp2", on: ["cp1", "cp2", "cp3"]);
        _fleet["cp1"].AwayUntil = DateTimeOffset.MaxValue;
        _fleet.With("ReadSnapshot", "cp2", new(FaultKind.Refuse));

        Assert.Equal(FakeReads.SnapshotContent, File.ReadAllBytes((await FindAsync(Name)).Path));
        Assert.Equal([Name, $"{Name}.json"], Files());
    }

    /// <summary>An agent that lists other bytes than it sends: broken, or somebody's with its key.</summary>
    [Fact]
    public async Task Find_WhatComesIsNotWhatIsListed_IsRefused_AndNothingIsLeft()
    {
        Has("cp2");
        _fleet["cp2"].Snapshots[0].Sha256 = new string('a', 64);

        var refused = await Assert.ThrowsAsync<CommandFault>(() => FindAsync(Name));

        Assert.Equal(ExitCode.Refused, refused.Exit);
        Assert.Contains($"expected {new string('a', 64)}", refused.Message, StringComparison.Ordinal);
        Assert.EndsWith("(from cp2). Nothing was changed", refused.Message, StringComparison.Ordinal);
        Assert.Empty(Files());
    }

    /// <summary>What 'snapshot save' once brought here is the operator's: no answer of an agent takes its place.</summary>
    [Fact]
    public async Task Find_AnotherFileHasTheNameHere_IsRefused_AndTheFileStays()
    {
        Has("cp2");
        Directory.CreateDirectory(Folder);
        File.WriteAllText(Path.Combine(Folder, Name), "the operator's own");

        var refused = await Assert.ThrowsAsync<CommandFault>(() => FindAsync(Name));

        Assert.Contains("is there and is another file", refused.Message, StringComparison.Ordinal);
        Assert.Equal("the operator's own", File.ReadAllText(Path.Combine(Folder, Name)));
        Assert.Equal([Name], Files());
    }

    public void Dispose() => _state.Dispose();

    private void Has(string taker, params string[] on)
    {
        foreach (var node in on.Length > 0 ? on : [taker])
        {
            _fleet[node].Snapshots.Add(FakeReads.Snapshot(_fleet[taker]));
        }
    }

    private IEnumerable<string> Files() => Directory.GetFiles(Folder).Select(file => Path.GetFileName(file)).Order(StringComparer.Ordinal);

    private Task<LocalSnapshot> FindAsync(string named) =>
        SnapshotSource.FindAsync(new CommandScope(_fleet.Inventory, _fleet, new CapturingReporter(), new FakeTerminal(), _state.Path, _fleet.Time, Yes: true, DryRun: false), named, Token);
}
