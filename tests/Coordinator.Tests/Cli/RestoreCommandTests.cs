using Xunit;

namespace EtcdFleet.Coordinator.Tests.Cli;

public sealed class RestoreCommandTests : IDisposable
{
    private readonly CliFixture _cli = new CliFixture().WithInventory().WithIdentity();

    [Fact]
    public async Task Restore_ANameThatIsNoFileHere_IsPassedOnAsItIs()
    {
        Assert.Equal(ExitCode.Done, (await _cli.RunAsync("restore", "--snapshot", "etcd-1.db", "--yes")).Exit);

        var call = Assert.Single(_cli.Operations.Calls);
        Assert.Equal("restore etcd-1.db", call.Verb);
        Assert.Equal((false, ""), (call.Options!.Run.AcceptLoss, call.Options.Run.AcceptOtherCluster)); // neither is what --yes answers
    }

    /// <summary>By its whole path, so that a resume from another folder finds it.</summary>
    [Theory]
    [InlineData("etcd-1.db")]
    [InlineData("./etcd-1.db")]
    public async Task Restore_AFileOfThisFolder_IsPassedOnByItsPath(string named)
    {
        File.WriteAllText(_cli.At("etcd-1.db"), "");

        await _cli.RunAsync("restore", "--snapshot", named, "--yes");

        var passed = Assert.Single(_cli.Operations.Calls).Verb["restore ".Length..];
        Assert.True(Path.IsPathRooted(passed));
        Assert.Equal(_cli.At("etcd-1.db"), Path.GetFullPath(passed));
    }

    [Fact]
    public async Task Restore_WhatIsAgreedTo_IsPassedOn()
    {
        await _cli.RunAsync("restore", "--snapshot", "etcd-1.db", "--yes", "--accept-loss", "--accept-other-cluster", "kkg", "--start-deadline", "5m");

        var run = Assert.Single(_cli.Operations.Calls).Options!.Run;
        Assert.Equal((true, "kkg", TimeSpan.FromMinutes(5)), (run.AcceptLoss, run.AcceptOtherCluster, run.UnitStart));
    }

    [Theory]
    [InlineData("restore --yes")]
    [InlineData("restore --yes --snapshot")]
    [InlineData("restore --yes --snapshot a.db --undo")]
    [InlineData("restore --yes --snapshot a.db b.db")]
    [InlineData("restore --yes etcd-1.db")]
    [InlineData("restore --yes --snapshot a.db --accept-other-cluster")]
    [InlineData("restore --yes --snapshot a.db --start-deadline soon")]
    public async Task Restore_NotUnderstood_IsAUsageError(string line)
    {
        Assert.Equal(ExitCode.Usage, (await _cli.RunAsync(line.Split(' '))).Exit);
        Assert.Empty(_cli.Operations.Calls);
    }

    [Fact]
    public async Task Restore_WithoutATerminalAndWithoutYes_Exits2AndDoesNothing()
    {
        var result = await _cli.RunAsync("restore", "--snapshot", "etcd-1.db");

        Assert.Equal(ExitCode.Usage, result.Exit);
        Assert.Contains("--yes", result.Error, StringComparison.Ordinal);
        Assert.Empty(_cli.Operations.Calls);
    }

    [Fact]
    public async Task Restore_Undo_NeedsNoSnapshot()
    {
        Assert.Equal(ExitCode.Done, (await _cli.RunAsync("restore", "--undo", "--yes")).Exit);

        Assert.Equal("undo restore", Assert.Single(_cli.Operations.Calls).Verb);
    }

    [Fact]
    public async Task Restore_DryRun_NeedsNoAnswer()
    {
        Assert.Equal(ExitCode.Done, (await _cli.RunAsync("restore", "--snapshot", "etcd-1.db", "--dry-run")).Exit);
        Assert.True(Assert.Single(_cli.Operations.Calls).Scope.DryRun);
    }

    [Fact]
    public async Task Restore_Help_SaysWhatIsLost()
    {
        var help = (await _cli.RunAsync("restore", "--help")).Out;

        Assert.Contains("What was written since it was taken is lost", help, StringComparison.Ordinal);
        Assert.Contains("--accept-loss", help, StringComparison.Ordinal);
    }

    public void Dispose() => _cli.Dispose();
}
