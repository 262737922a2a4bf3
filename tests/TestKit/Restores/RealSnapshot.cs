using System.Security.Cryptography;
using EtcdFleet.Agent.Verbs;

namespace EtcdFleet.TestKit;

/// <summary>A snapshot of a real etcd, taken once for all tests: twenty keys.</summary>
internal static class RealSnapshot
{
    private static readonly Lazy<Task<byte[]>> Taken = new(TakeAsync);

    public static Task<byte[]> BytesAsync() => Taken.Value;

    public static async Task<string> Sha256Async() => Convert.ToHexStringLower(SHA256.HashData(await BytesAsync()));

    private static async Task<byte[]> TakeAsync()
    {
        await using var cluster = await EtcdCluster.StartAsync(1, CancellationToken.None);
        for (var key = 0; key < 20; key++)
        {
            await cluster.PutAsync($"key-{key}", 100);
        }

        var taken = await cluster[0].TakeSnapshot.RunAsync(new() { Operation = new() { Run = "run-0" } }, VerbContext.Silent, CancellationToken.None);
        return File.ReadAllBytes(Path.Combine(cluster[0].Root.Snapshots, taken.Snapshot.Name));
    }
}
