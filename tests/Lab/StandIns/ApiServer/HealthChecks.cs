using System.Text;
using EtcdFleet.Lab.StandIns.ApiServer.Etcd;
using Grpc.Core;

namespace EtcdFleet.Lab.StandIns.ApiServer;

/// <summary><c>/livez</c>, <c>/readyz</c> and <c>/healthz</c>, with the text that the real ones have.</summary>
internal sealed class HealthChecks(ApiServerLife life, EtcdRecords records, TimeProvider time)
{
    /// <summary>As kube-apiserver's.</summary>
    private static readonly TimeSpan EtcdTimeout = TimeSpan.FromSeconds(2);

    /// <summary>Answers a path; null when it is none of them.</summary>
    /// <param name="path">Such as <c>/readyz</c> or <c>/readyz/etcd</c>.</param>
    /// <param name="verbose">Name every check, also when all is well.</param>
    /// <param name="excluded">Checks that are not made.</param>
    /// <returns>HTTP status and text. Whatever has failed makes it 500, on the way out as well.</returns>
    public async Task<(int Status, string Text)?> AnswerAsync(string path, bool verbose, IReadOnlyCollection<string> excluded)
    {
        var parts = path.Trim('/').Split('/', 2);
        if (parts[0] is not ("livez" or "readyz" or "healthz"))
        {
            return null;
        }

        var etcd = new Lazy<Task<string?>>(EtcdAsync); // asked once, however many checks want to know
        var checks = Checks(() => etcd.Value, parts[0] == "readyz");
        if (parts.Length == 2)
        {
            return checks.FirstOrDefault(c => c.Name == parts[1]) is { Check: { } one }
                ? await one() is { } why ? (500, $"internal server error: {why}\n") : (200, "ok")
                : null;
        }

        var text = new StringBuilder();
        var failed = false;
        foreach (var (name, check) in checks)
        {
            var skipped = excluded.Contains(name);
            var bad = !skipped && await check() is not null;
            failed |= bad;
            text.Append(bad ? $"[-]{name} failed: reason withheld\n" : skipped ? $"[+]{name} excluded: ok\n" : $"[+]{name} ok\n");
        }

        return failed ? (500, $"{text}{parts[0]} check failed\n") : verbose ? (200, $"{text}{parts[0]} check passed\n") : (200, "ok");
    }

    private (string Name, Func<Task<string?>> Check)[] Checks(Func<Task<string?>> etcd, bool readiness) =>
    [
        ("ping", () => Task.FromResult<string?>(null)),
        ("log", () => Task.FromResult<string?>(null)),
        ("etcd", etcd),
        .. readiness ? [("etcd-readiness", etcd), ("informer-sync", () => Task.FromResult(life.IsWarm ? null : "informers not started yet"))] : Array.Empty<(string, Func<Task<string?>>)>(),
        ("poststarthook/start-apiextensions-controllers", () => Task.FromResult(life.IsWarm ? null : "not finished")),
        ("poststarthook/rbac/bootstrap-roles", () => Task.FromResult(life.KnowsRoles ? null : "not finished")),
        .. readiness ? [("shutdown", () => Task.FromResult(life.IsStopping ? "process is shutting down" : null))] : Array.Empty<(string, Func<Task<string?>>)>(),
    ];

    private async Task<string?> EtcdAsync()
    {
        using var deadline = new CancellationTokenSource(EtcdTimeout, time);
        try
        {
            await records.CheckAsync(deadline.Token);
            return null;
        }
        catch (Exception e) when (e is RpcException or OperationCanceledException)
        {
            return $"error getting data from etcd: {e.Message}";
        }
    }
}
