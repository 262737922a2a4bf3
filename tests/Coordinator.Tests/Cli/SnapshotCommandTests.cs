using Xunit;

namespace EtcdFleet.Coordinator.Tests.Cli;

public sealed class SnapshotCommandTests : IDisposable
{
    private readonly CliFixture _cli = new CliFixture().WithInventory().WithIdentity();

    [Theory]
    [InlineData("snapshot save", "snapshot save node= nodes=False to=")]
    [InlineData("snapshot save --node cp2 --copies nodes,/mnt/a --copies /mnt/b", "snapshot save node=cp2 nodes=True to=/mnt/a,/mnt/b")]
    [InlineData("snapshot list", "snapshot list")]
    [InlineData("snapshot list --in /mnt/a", "snapshot list /mnt/a")]
    [InlineData("snapshot verify", "snapshot verify names= file= in=")]
    [InlineData("snapshot verify a.db b.db", "snapshot verify names=a.db,b.db file= in=")]
    [InlineData("snapshot verify --file /tmp/a.db", "snapshot verify names= file=/tmp/a.db in=")]
    [InlineData("snapshot drill", "snapshot drill name= node=")]
    [InlineData("snapshot drill a.db --node cp1", "snapshot drill name=a.db node=cp1")]
    public async Task Snapshot_WithItsArguments_IsCalled(string line, string verb)
    {
        Assert.Equal(ExitCode.Done, (await _cli.RunAsync([.. line.Split(' '), "--yes"])).Exit);
        Assert.Equal(verb, Assert.Single(_cli.Operations.Calls).Verb);
    }

    [Theory]
    [InlineData("snapshot save")]
    [InlineData("snapshot drill")]
    public async Task Snapshot_WithoutATerminalAndWithoutYes_Exits2AndDoesNothing(string line)
    {
        Assert.Equal(ExitCode.Usage, (await _cli.RunAsync(line.Split(' '))).Exit);
        Assert.Empty(_cli.Operations.Calls);
    }

    [Fact]
    public async Task Snapshot_ANodeThatIsNone_IsAUsageError() => Assert.Equal(ExitCode.Usage, (await _cli.RunAsync("snapshot", "save", "--yes", "--node", "cp9")).Exit);

    public void Dispose() => _cli.Dispose();
}
