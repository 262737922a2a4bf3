using EtcdFleet.Agent.Host;
using EtcdFleet.Agent.Operations;
using EtcdFleet.Agent.Tests.Endpoints;
using EtcdFleet.Agent.V1;
using EtcdFleet.TestKit;
using Google.Protobuf;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging.Abstractions;

namespace EtcdFleet.Agent.Tests.Operations;

/// <summary>What an agent died in is settled by the next one before it takes another verb: finished, or not begun, recorded, audited and told.</summary>
public sealed class SettlementTests : AgentFixture
{
    private const string Id = "operation-1";

    private static readonly OwnerAndMode Etcd = new(TempHostRoot.EtcdUser, TempHostRoot.EtcdGroup, 0);

    private UnitService.UnitServiceClient Units => new(Channel);

    private OwnershipService.OwnershipServiceClient Ownership => new(Channel);

    /// <summary>A new mutating verb without a decision fails here: see <see cref="Agent.Verbs.IRecover{TRequest, TResponse}"/>.</summary>
    [Fact]
    public void EveryMutatingRpc_HasItsDecision() =>
        Assert.Equal(ServedRpcs.Mutating.Select(RawRpc.PathOf).Order(), Agent.Services.GetRequiredService<Recoveries>().Rpcs.Order());

    [Fact]
    public async Task ChownHalfDone_IsFinished_AndTheRepeatGetsItsAnswer()
    {
        var request = new ChownEtcdFilesRequest { Operation = Operation("A3/cp1/chown-etcd-files") };
        await AfterADeathInAsync("OwnershipService/ChownEtcdFiles", request, () =>
        {
            StashByHand();
            new Ownership(Node.Root).Set(Node.Root.At(TempHostRoot.DataDir), "member/snap/db", Etcd with { Mode = 0x180 });
        });

        Assert.All((string[])["", "/member", "/member/snap/db", "/member/wal/0.tmp"], file => Assert.StartsWith($"{TempHostRoot.EtcdUser}:{TempHostRoot.EtcdGroup}", Node.Host.OwnerOf(TempHostRoot.DataDir + file), StringComparison.Ordinal));
        var answer = await Ownership.ChownEtcdFilesAsync(request, Options);
        Assert.True(answer.Change.Changed);
        Assert.StartsWith("settled after the agent had ended in it", answer.Change.Summary, StringComparison.Ordinal);
        await AssertToldAsync("ChownEtcdFiles", SettledOperation.Types.Way.Finished);
    }

    [Fact]
    public async Task StartBegun_IsFinished()
    {
        var request = new StartUnitRequest { Operation = Operation("A3/cp1/start-etcd"), Component = Component.Etcd };
        await AfterADeathInAsync("UnitService/StartUnit", request, StashByHand);

        Assert.Equal("active", (await Node.Systemd.ShowAsync("etcd.service", Cancel)).ActiveState);
        Assert.True((await Units.StartUnitAsync(request, Options)).Change.Changed);
        await AssertToldAsync("StartUnit", SettledOperation.Types.Way.Finished);
    }

    /// <summary>The verb's own refusals hold: two etcds on one data dir must never be.</summary>
    [Fact]
    public async Task StartBegun_AndTheManifestIsInUseByNow_IsNotStarted_AndSaysWhy()
    {
        var request = new StartUnitRequest { Operation = Operation("A3/cp1/start-etcd"), Component = Component.Etcd };
        await AfterADeathInAsync("UnitService/StartUnit", request, () => { });

        Assert.DoesNotContain("start etcd.service", Node.Systemd.Calls);
        var refusal = await RefusalAsync(Units.StartUnitAsync(request, Options));
        Assert.Equal(FaultReason.Io, refusal.Reason); // no "refused, nothing changed": its coordinator undoes it
        Assert.StartsWith("the agent ended in StartUnit, and the next one could not finish it: ", refusal.Text, StringComparison.Ordinal);
        await AssertToldAsync("StartUnit", SettledOperation.Types.Way.Failed);
    }

    /// <summary>Nothing takes a member down on its own.</summary>
    [Fact]
    public async Task StopNotBegun_IsNotDone()
    {
        StashByHand();
        Assert.True(await Node.Systemd.StartAsync("etcd.service", TimeSpan.FromSeconds(1), Cancel));
        var request = new StopUnitRequest { Operation = Operation("A3/cp1/start-etcd"), Component = Component.Etcd };
        await AfterADeathInAsync("UnitService/StopUnit", request, () => { });

        Assert.Equal("active", (await Node.Systemd.ShowAsync("etcd.service", Cancel)).ActiveState);
        Assert.DoesNotContain("stop etcd.service", Node.Systemd.Calls);
        Assert.Equal(FaultReason.Interrupted, (await RefusalAsync(Units.StopUnitAsync(request, Options))).Reason);
        await AssertToldAsync("StopUnit", SettledOperation.Types.Way.NotBegun);

        request.Operation.Id = "operation-2";
        Assert.True((await Units.StopUnitAsync(request, Options)).Change.Changed);
    }

    [Fact]
    public async Task StopThatHappened_IsFoundDone()
    {
        var request = new StopUnitRequest { Operation = Operation("A3/cp1/start-etcd"), Component = Component.Etcd };
        await AfterADeathInAsync("UnitService/StopUnit", request, StashByHand);

        Assert.True((await Units.StopUnitAsync(request, Options)).Change.Changed);
        await AssertToldAsync("StopUnit", SettledOperation.Types.Way.Finished);
    }

    /// <summary>READY comes at once; reads are answered, and whoever would change something is told to wait.</summary>
    [Fact]
    public async Task WhileItSettles_ReadsAreAnswered_AndChangesAreBusy()
    {
        Node.Systemd.StartDelay = TimeSpan.FromSeconds(30);
        var request = new StartUnitRequest { Operation = Operation("A3/cp1/start-etcd"), Component = Component.Etcd };
        await RestartAsync(() =>
        {
            StashByHand();
            Plant("UnitService/StartUnit", request);
        });

        var busy = await RefusalAsync(Stash("operation-2"));
        Assert.Equal(FaultReason.Busy, busy.Reason);
        Assert.Contains("settling what the agent ended in: StartUnit A3/cp1/start-etcd", busy.Text, StringComparison.Ordinal);
        Assert.Equal(FaultReason.Busy, (await RefusalAsync(Units.StartUnitAsync(request, Options))).Reason); // its own repeat waits as well
        var facts = await new NodeService.NodeServiceClient(Channel).GetNodeAsync(new(), Options);
        Assert.StartsWith("settling", facts.Agent.BusyWith, StringComparison.Ordinal);

        var idle = Agent.Services.GetRequiredService<NodeLock>().IdleAsync();
        while (!idle.IsCompleted)
        {
            Node.Time.Advance(TimeSpan.FromSeconds(1));
            await Task.Delay(TimeSpan.FromMilliseconds(5), TimeProvider.System, Cancel);
        }

        Assert.True((await Units.StartUnitAsync(request, Options)).Change.Changed);
    }

    [Fact]
    public async Task WhatWasSettled_IsToldByTheNextAgentsToo_AndForgottenInTime()
    {
        await AfterADeathInAsync("UnitService/StopUnit", new StopUnitRequest { Operation = Operation("A3/cp1/start-etcd"), Component = Component.Etcd }, StashByHand);
        await RestartAsync();
        Assert.Equal("StopUnit", Assert.Single(await SettledAsync()).Verb);

        Node.Time.Advance(TimeSpan.FromDays(8));
        Assert.Empty(Agent.Services.GetRequiredService<Agent.Verbs.Node.INodeActivity>().Settled);
    }

    /// <summary>An agent of before kept no request: its verb looks for itself when it is called again.</summary>
    [Fact]
    public async Task ARecordWithoutItsRequest_StaysOpen()
    {
        var request = new StartUnitRequest { Operation = Operation("A3/cp1/start-etcd"), Component = Component.Etcd };
        await RestartAsync(() =>
        {
            StashByHand();
            Plant("UnitService/StartUnit", request, kept: false);
        });

        Assert.DoesNotContain("start etcd.service", Node.Systemd.Calls);
        Assert.True((await Units.StartUnitAsync(request, Options)).Change.Changed);
    }

    /// <summary>Rule 10: a mirror's address may carry a password.</summary>
    [Fact]
    public void Kept_TheAddressOfADownload_IsNotAmongIt()
    {
        var kept = FetchReleaseRequest.Parser.ParseFrom(OperationRecord.Kept(new FetchReleaseRequest { Version = "3.6.6", Url = "https://ann:secret@mirror/x", Sha256 = "ab", Operation = Operation("x") }));

        Assert.Equal(("", "3.6.6", "ab", Id), (kept.Url, kept.Version, kept.Sha256, kept.Operation.Id));
    }

    private static V1.Operation Operation(string step) => TestLease.Operation(Id, step);

    private async Task AfterADeathInAsync<TRequest>(string rpc, TRequest request, Action meanwhile)
        where TRequest : IMessage<TRequest>
    {
        await RestartAsync(() =>
        {
            meanwhile();
            Plant(rpc, request);
        });
        await Agent.Services.GetRequiredService<NodeLock>().IdleAsync().WaitAsync(TimeSpan.FromSeconds(10), TimeProvider.System, Cancel);
    }

    /// <summary>The record as it is while the verb works.</summary>
    private void Plant<TRequest>(string rpc, TRequest request, bool kept = true)
        where TRequest : IMessage<TRequest>
    {
        var bare = request.Clone();
        bare.Descriptor.FindFieldByName("operation").Accessor.Clear(bare);
        new OperationStore(Node.Root, NullLogger<OperationStore>.Instance).Write(new()
        {
            Id = Id, Rpc = $"/etcdfleet.agent.v1.{rpc}", RequestSha256 = Convert.ToHexStringLower(System.Security.Cryptography.SHA256.HashData(bare.ToByteArray())), Request = kept ? OperationRecord.Kept(request) : null, Caller = "etcdfleet://kkg/operator/ann/operator",
            Run = "run-1", Step = ((V1.Operation)request.Descriptor.FindFieldByName("operation").Accessor.GetValue(request)).Step, Started = Node.Time.GetUtcNow(),
        });
    }

    private void StashByHand()
    {
        Directory.CreateDirectory(Node.Root.Stash, UnixFileMode.UserRead | UnixFileMode.UserWrite | UnixFileMode.UserExecute);
        File.Move(Node.Root.EtcdManifest, Node.Root.StashedEtcdManifest);
    }

    private async Task<IReadOnlyList<SettledOperation>> SettledAsync() => (await new NodeService.NodeServiceClient(Channel).GetNodeAsync(new(), Options)).Agent.Settled;

    private async Task AssertToldAsync(string verb, SettledOperation.Types.Way way)
    {
        var told = Assert.Single(await SettledAsync());
        Assert.Equal((Id, verb, "run-1", way), (told.Operation, told.Verb, told.Run, told.Way));
        var audit = Assert.Single(Node.Audit, record => record.What == "recovered");
        Assert.Equal((Id, way.ToString(), "agent", "etcdfleet://kkg/operator/ann/operator"), (audit.Operation, audit.Outcome, audit.From, audit.Caller));
    }
}
