using System.Text.Json;
using EtcdFleet.Agent.Verbs.EtcdEnv;
using EtcdFleet.TestKit;

namespace EtcdFleet.Agent.Tests.Verbs.EtcdEnv;

/// <summary>What the whole migration rests on: a real etcd is the same one, run from the Pod's flags or from etcd.env.</summary>
public sealed class EnvEquivalenceTests
{
    private static CancellationToken Token => TestContext.Current.CancellationToken;

    [Fact]
    public async Task EtcdEnv_ARealEtcd_HasTheSameConfigurationAsFromFlags()
    {
        await using var cluster = await EtcdCluster.StartAsync(
            1, Token, "--quota-backend-bytes=4294967296", "--max-request-bytes=3145728", "--auto-compaction-mode=revision", "--auto-compaction-retention=1000", "--cors=https://a.example:443,https://b.example:8443",
            "\"--initial-cluster-token=two words, 'quotes', #, $HOME and a \\\\\"", "--max-wals", "\"7\"", "--log-level=info", "--experimental-compact-hash-check-enabled", "--tls-max-version=");
        var node = cluster[0];
        await node.Process!.KillAsync();
        var fromFlags = await StartAgainAsync(EtcdProcess.Start(node.Manifests.Get().Manifest.Flags.Select(flag => $"--{flag.Key}={flag.Value}"), []));

        var rendered = EnvRenderer.Render(node.Manifests.Get(), "etcd.yaml");
        var variables = EnvironmentFile.Parse(rendered.Text);
        var fromEnv = await StartAgainAsync(EtcdProcess.Start([], variables));

        Assert.Equal(Configuration(fromFlags), Configuration(fromEnv));
        Assert.Equal("two words, 'quotes', #, $HOME and a \\", variables.Single(variable => variable.Key == "ETCD_INITIAL_CLUSTER_TOKEN").Value);
        var used = Lines(fromEnv).Where(line => Text(line, "msg") == "recognized and used environment variable").Select(line => (Text(line, "variable-name"), Text(line, "variable-value"))).Order();
        Assert.Equal(variables.Where(variable => variable.Value.Length > 0).Select(variable => (variable.Key, variable.Value)).Order(), used);
        Assert.DoesNotContain("unrecognized environment variable", fromEnv);
        Assert.DoesNotContain("conflicting environment variable", fromEnv);
    }

    private static async Task<string> StartAgainAsync(EtcdProcess etcd)
    {
        await using (etcd)
        {
            await etcd.ReadyAsync(Token);
        }

        return etcd.Log;
    }

    /// <summary>etcd's own account of its settings at the start, a setting a line, without the time and without the one that we add.</summary>
    private static List<string> Configuration(string log)
    {
        var account = Lines(log).Single(line => Text(line, "msg") == "starting an etcd server");
        return [.. account.EnumerateObject().Where(setting => setting.Name is not ("ts" or "initial-cluster-state")).Select(setting => setting.ToString())];
    }

    private static List<JsonElement> Lines(string log) =>
        [.. log.Split('\n').Where(line => line.StartsWith('{')).Select(line => JsonDocument.Parse(line).RootElement)];

    private static string Text(JsonElement line, string name) => line.TryGetProperty(name, out var value) ? value.ToString() : "";
}
