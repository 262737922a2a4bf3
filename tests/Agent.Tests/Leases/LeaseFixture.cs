using EtcdFleet.Agent.V1;
using Grpc.Core;
using Grpc.Net.Client;

namespace EtcdFleet.Agent.Tests.Leases;

/// <summary>An agent that has never granted a lease, and short words for what is asked of it.</summary>
public abstract class LeaseFixture : AgentFixture
{
    /// <summary>What the tests' leases last, in milliseconds.</summary>
    internal const uint Ttl = 30_000;

    internal string LeaseFile => Path.Combine(Node.Root.State, "lease.json");

    internal LeaseService.LeaseServiceClient Leases => new(Channel);

    public override ValueTask InitializeAsync()
    {
        File.Delete(LeaseFile);
        return base.InitializeAsync();
    }

    internal AsyncUnaryCall<AcquireLeaseResponse> Acquire(string run, ulong fence, uint ttl = Ttl) =>
        Leases.AcquireLeaseAsync(new() { Run = run, Fence = fence, TtlMs = ttl, Cluster = "kkg", Holder = $"the test of {run}" }, Options);

    internal AsyncUnaryCall<RenewLeaseResponse> Renew(string run, ulong fence) => Leases.RenewLeaseAsync(new() { Run = run, Fence = fence }, Options);

    internal AsyncUnaryCall<ReleaseLeaseResponse> Release(string run, ulong fence) => Leases.ReleaseLeaseAsync(new() { Run = run, Fence = fence }, Options);

    internal async Task<GetLeaseResponse> LookAsync() => await Leases.GetLeaseAsync(new(), Options);

    internal async Task<BreakLeaseResponse> BreakAsync(string reason, ulong fence = 1000)
    {
        using var certificate = Node.Pki.Operator("admin");
        using GrpcChannel channel = Agent.Connect(certificate);
        return await new LeaseService.LeaseServiceClient(channel).BreakLeaseAsync(new() { Run = "breaker", Reason = reason, Fence = fence }, Options);
    }

    /// <summary>A mutating call of a run.</summary>
    internal AsyncUnaryCall<StashManifestResponse> Stash(string id, string run, ulong fence) =>
        Manifests.StashManifestAsync(new() { Operation = new() { Id = id, Run = run, Step = "A3/cp1/stash-manifest", Fence = fence }, Component = Component.Etcd }, Options);

    internal void Pass(double seconds) => Node.Time.Advance(TimeSpan.FromSeconds(seconds));

    /// <summary>What the audit has of leases: outcome and run.</summary>
    internal IEnumerable<string> Audited => Node.Audit.Where(record => record.What == "lease").Select(record => $"{record.Outcome} {record.Run}");
}
