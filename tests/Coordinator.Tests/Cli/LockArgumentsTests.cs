using Xunit;

namespace EtcdFleet.Coordinator.Tests.Cli;

/// <summary>What each verb that changes something can be told about the lock.</summary>
public sealed class LockArgumentsTests : IDisposable
{
    private readonly CliFixture _cli = new CliFixture().WithInventory().WithIdentity();

    public static TheoryData<string> ChangingVerbs() => ["migrate", "rollback", "resume"];

    [Theory]
    [MemberData(nameof(ChangingVerbs))]
    public async Task Verb_ItsOptions_ArePassedOn(string verb)
    {
        await _cli.RunAsync(verb, "--yes", "--break-lock", "its machine is gone", "--lease-ttl", "6s");
        await _cli.RunAsync(verb, "--yes");

        Assert.Equal([("its machine is gone", 6.0), ("", 30.0)], _cli.Operations.Calls.Select(call => (call.Options!.Run.BreakLock, call.Options.Run.LeaseTtl.TotalSeconds)));
    }

    [Theory]
    [InlineData("")]
    [InlineData("  ")]
    [InlineData("two\nlines")]
    public async Task BreakLock_WithoutAReasonInOneLine_Exits2(string reason)
    {
        var result = await _cli.RunAsync("migrate", "--yes", "--break-lock", reason);

        Assert.Equal(ExitCode.Usage, result.Exit);
        Assert.Contains("expected a reason in one line", result.Error, StringComparison.Ordinal);
        Assert.Empty(_cli.Operations.Calls);
    }

    public void Dispose() => _cli.Dispose();
}
