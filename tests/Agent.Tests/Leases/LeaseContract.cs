using EtcdFleet.Agent.V1;
using EtcdFleet.TestKit;
using Grpc.Core;

namespace EtcdFleet.Agent.Tests.Leases;

/// <summary>What any agent answers about its lease: the real one over the wire, and the simulated one that the coordinator's tests run against.</summary>
public abstract class LeaseContract
{
    private protected abstract CallInvoker Invoker { get; }

    private protected abstract void Pass(TimeSpan time);

    private protected abstract Task RebootAsync();

    /// <summary>One call after the other: what was asked, and how it was answered.</summary>
    [Fact]
    public async Task Calls_OneAfterTheOther_AreAnsweredSo()
    {
        List<string> answers =
        [
            await GetAsync(), await ChangeAsync("run-a", 0), await ChangeAsync("run-a", 1), await RenewAsync("run-a", 1), await AcquireAsync("run-a", 0), await AcquireAsync("run-a", 3), await GetAsync(),
            await ChangeAsync("run-a", 3), await ChangeAsync("run-a", 2), await ChangeAsync("run-a", 4), await ChangeAsync("run-b", 3), await ChangeAsync("run-b", 0), await ChangeAsync("run-b", 9),
            await AcquireAsync("run-b", 4), await AcquireAsync("run-a", 3), await AcquireAsync("run-a", 2), await RenewAsync("run-b", 3), await RenewAsync("run-a", 2),
        ];
        Pass(TimeSpan.FromSeconds(20));
        answers.AddRange([await RenewAsync("run-a", 3), await AcquireAsync("run-a", 5), await ChangeAsync("run-a", 3), await ChangeAsync("run-a", 5)]);
        Pass(TimeSpan.FromSeconds(30));
        answers.AddRange([await GetAsync(), await RenewAsync("run-a", 5), await ChangeAsync("run-a", 5), await AcquireAsync("run-b", 5), await AcquireAsync("run-b", 6), await ChangeAsync("run-a", 5)]);
        answers.AddRange([await ReleaseAsync("run-a", 6), await ReleaseAsync("run-b", 5), await ReleaseAsync("run-b", 6), await GetAsync(), await ChangeAsync("run-b", 6), await AcquireAsync("run-b", 7)]);
        await RebootAsync();
        answers.AddRange([await GetAsync(), await RenewAsync("run-b", 7), await ChangeAsync("run-b", 7), await AcquireAsync("run-c", 7), await AcquireAsync("run-c", 8), await ChangeAsync("run-c", 8)]);

        Assert.Equal(
            [
                "get: none, highest 0", "change run-a 0: LeaseLost", "change run-a 1: LeaseLost", "renew run-a 1: LeaseLost", "acquire run-a 0: InvalidRequest", "acquire run-a 3: 30000 ms, 0 renewals", "get: run-a 3, highest 3",
                "change run-a 3: let through", "change run-a 2: Fenced", "change run-a 4: LeaseLost", "change run-b 3: LeaseHeld", "change run-b 0: LeaseHeld", "change run-b 9: LeaseHeld",
                "acquire run-b 4: LeaseHeld", "acquire run-a 3: 30000 ms, 0 renewals", "acquire run-a 2: Fenced", "renew run-b 3: LeaseHeld", "renew run-a 2: Fenced",
                "renew run-a 3: 30000 ms, 1 renewals", "acquire run-a 5: 30000 ms, 0 renewals", "change run-a 3: Fenced", "change run-a 5: let through",
                "get: none, highest 5", "renew run-a 5: LeaseLost", "change run-a 5: LeaseLost", "acquire run-b 5: Fenced", "acquire run-b 6: 30000 ms, 0 renewals", "change run-a 5: Fenced",
                "release run-a 6: nothing", "release run-b 5: nothing", "release run-b 6: 6", "get: none, highest 6", "change run-b 6: LeaseLost", "acquire run-b 7: 30000 ms, 0 renewals",
                "get: none, highest 7", "renew run-b 7: LeaseLost", "change run-b 7: LeaseLost", "acquire run-c 7: Fenced", "acquire run-c 8: 30000 ms, 0 renewals", "change run-c 8: let through",
            ],
            answers);
    }

    private LeaseService.LeaseServiceClient Leases => new(Invoker);

    private static CallOptions Options => new(deadline: TimeProvider.System.GetUtcNow().UtcDateTime + RawRpc.Limit, cancellationToken: TestContext.Current.CancellationToken);

    private async Task<string> GetAsync()
    {
        var answer = await Leases.GetLeaseAsync(new(), Options);
        return $"get: {(answer.Lease is { } lease ? $"{lease.Run} {lease.Fence}" : "none")}, highest {answer.HighestFence}";
    }

    private Task<string> AcquireAsync(string run, ulong fence) => SaidAsync($"acquire {run} {fence}", async () =>
        Words((await Leases.AcquireLeaseAsync(new() { Run = run, Fence = fence, TtlMs = 30_000 }, Options)).Lease));

    private Task<string> RenewAsync(string run, ulong fence) => SaidAsync($"renew {run} {fence}", async () => Words((await Leases.RenewLeaseAsync(new() { Run = run, Fence = fence }, Options)).Lease));

    private Task<string> ReleaseAsync(string run, ulong fence) => SaidAsync($"release {run} {fence}", async () =>
        (await Leases.ReleaseLeaseAsync(new() { Run = run, Fence = fence }, Options)).Released is { } released ? $"{released.Fence}" : "nothing");

    /// <summary>Whatever the verb then says to it.</summary>
    private async Task<string> ChangeAsync(string run, ulong fence)
    {
        var request = new RemoveUnitRequest { Operation = new() { Id = Guid.NewGuid().ToString("N"), Run = run, Fence = fence }, Component = Component.Etcd };
        return await SaidAsync($"change {run} {fence}", async () => (await new UnitService.UnitServiceClient(Invoker).RemoveUnitAsync(request, Options)).Change is null ? "no change" : "let through");
    }

    private static async Task<string> SaidAsync(string asked, Func<Task<string>> ask)
    {
        try
        {
            return $"{asked}: {await ask()}";
        }
        catch (RpcException refused)
        {
            return $"{asked}: {RawRpc.ReasonOf(refused)}";
        }
    }

    private static string Words(Lease lease) => $"{lease.RemainingMs} ms, {lease.Renewals} renewals";
}
