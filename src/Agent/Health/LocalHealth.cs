using System.Text;
using EtcdFleet.Agent.Endpoints;
using EtcdFleet.Agent.Host;
using EtcdFleet.Agent.Operations;
using Microsoft.AspNetCore.Connections.Features;
using Microsoft.AspNetCore.Server.Kestrel.Core;

namespace EtcdFleet.Agent.Health;

/// <summary>What the machine's own monitoring asks: /healthz, /readyz and, from OpenTelemetry, /metrics. Loopback only, plain text, no secrets.</summary>
internal sealed class LocalHealth(HostRoot root, IdentityFiles identity, NetworkListener listener, RevokedCertificates revoked, NodeLock node, TimeProvider time)
{
    private const string Mark = "etcdfleet.health";

    /// <summary>Marks a listener's connections as the local one's.</summary>
    public static void Listen(ListenOptions listener)
    {
        var pool = new ConnectionPool(most: 64, mostOfOne: 64);
        listener.Protocols = HttpProtocols.Http1;
        listener.Use(next => async connection =>
        {
            using var place = pool.Enter(connection, "");
            connection.Items[Mark] = true;
            await next(connection);
        });
    }

    /// <summary>Maps the paths, on the local listener alone, and nothing else on it: to anybody else they do not exist.</summary>
    public static void Map(WebApplication app)
    {
        var health = app.Services.GetRequiredService<LocalHealth>();
        app.Use((http, next) =>
        {
            // The connection is asked, not the address or a header: those are the caller's to choose.
            var here = http.Features.Get<IConnectionItemsFeature>()?.Items.ContainsKey(Mark) == true;
            if (here == http.GetEndpoint()?.Metadata.GetMetadata<LocalPath>() is not null)
            {
                return next(http);
            }

            http.Response.StatusCode = StatusCodes.Status404NotFound;
            return Task.CompletedTask;
        });
        app.MapPrometheusScrapingEndpoint("/metrics").WithMetadata(new LocalPath());
        app.MapGet("/healthz", (HttpContext http) => Write(http, StatusCodes.Status200OK, "ok\n")).WithMetadata(new LocalPath());
        app.MapGet("/readyz", (HttpContext http) =>
        {
            var problems = health.Problems();
            return Write(http, problems.Count == 0 ? StatusCodes.Status200OK : StatusCodes.Status503ServiceUnavailable, health.Describe(problems));
        }).WithMetadata(new LocalPath());
    }

    /// <summary>Why a coordinator could not work with this agent now; empty when it could.</summary>
    internal IReadOnlyList<string> Problems()
    {
        var problems = new List<string>();
        switch (identity.Current())
        {
            case null:
                problems.Add($"no usable identity in /etc/etcdfleet/pki{(identity.Trouble is { Length: > 0 } why ? $" ({why})" : "")}: unpack the bundle of 'etcdfleet pki issue agent' there");
                break;
            case not null when !listener.IsOpen:
                problems.Add("an identity has appeared, and the network listener is not open yet: the agent restarts for it within 2 s, or when the verb at work has ended");
                break;
            case { } own when own.NotAfter < time.GetUtcNow():
                problems.Add($"the certificate expired at {own.NotAfter:u}: issue a new one with 'etcdfleet pki issue agent'");
                break;
        }

        if (!Directory.Exists(root.State))
        {
            problems.Add($"{root.Name(root.State)} is missing: the agent cannot record what it does");
        }

        return problems;
    }

    private string Describe(IReadOnlyList<string> problems)
    {
        var text = new StringBuilder(problems.Count == 0 ? "ready\n" : "not ready\n");
        foreach (var problem in problems)
        {
            text.Append("- ").Append(problem).Append('\n');
        }

        // Not a reason to keep away: the last good identity stays in use.
        if (identity is { Latest: not null, Trouble: { Length: > 0 } unusable })
        {
            text.Append("- attention: ").Append(unusable).Append('\n');
        }

        // Nor is this: what was revoked by the last good list stays so.
        if (revoked.Trouble() is { } trouble)
        {
            text.Append("- attention: ").Append(trouble).Append('\n');
        }

        return text.Append("at work: ").Append(node.Holder is { Length: > 0 } holder ? holder : "nothing").Append('\n').ToString();
    }

    private static Task Write(HttpContext http, int status, string text)
    {
        http.Response.StatusCode = status;
        http.Response.ContentType = "text/plain; charset=utf-8";
        return http.Response.WriteAsync(text);
    }

    /// <summary>Stands at every path that the local listener serves.</summary>
    private sealed record LocalPath;
}
