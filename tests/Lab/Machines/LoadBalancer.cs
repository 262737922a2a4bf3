using System.Diagnostics;
using EtcdFleet.Lab.Host;

namespace EtcdFleet.Lab.Machines;

/// <summary>haproxy in front of the apiservers, in the lab's network: it asks each for /readyz every second, and sends a connection to another when one does not take it (FACTS 15).</summary>
internal sealed class LoadBalancer(LabPaths paths, LabState state)
{
    /// <summary>Its address on the lab's bridge.</summary>
    public const string Address = "10.66.0.100";

    /// <summary>Its name, which every node knows.</summary>
    public const string HostName = "k8s-api";

    private string Folder => Path.Combine(paths.State, "haproxy");

    /// <summary>Starts it. The apiservers need not be there yet.</summary>
    public async Task StartAsync(IEnumerable<(string Name, string Address)> servers, CancellationToken cancellationToken)
    {
        Directory.CreateDirectory(Folder);
        var file = Path.Combine(Folder, "haproxy.cfg");
        await File.WriteAllTextAsync(file, Configuration(servers), cancellationToken);
        await Command.CheckedAsync(["ip", "-n", paths.Name, "addr", "add", $"{Address}/24", "dev", LabNetwork.Bridge], cancellationToken);
        string[] command = [.. new LabNetwork(paths.Name).Enter, "haproxy", "-db", "-q", "-f", file];
        var process = Command.Start(new ProcessStartInfo("sh", ["-c", $"{new ControlGroups(paths.Name).EnterScript("haproxy")} exec setsid \"$@\" </dev/null >'{Folder}/log' 2>&1", "sh", .. command]));
        state.Record(process.Id);
    }

    /// <summary>Any caller's request is /readyz here: no certificate, and whatever certificate the apiserver has.</summary>
    private static string Configuration(IEnumerable<(string Name, string Address)> servers) =>
        $"""
        global
          maxconn 1000
        defaults
          mode tcp
          timeout connect 2s
          timeout client 10m
          timeout server 10m
          retries 3
          option redispatch 1
        frontend api
          bind {Address}:6443
          default_backend apiservers
        backend apiservers
          option httpchk GET /readyz
          default-server inter 1s fall 2 rise 1 check check-ssl verify none
        {string.Join('\n', servers.Select(s => $"  server {s.Name} {s.Address}:6443"))}

        """;
}
