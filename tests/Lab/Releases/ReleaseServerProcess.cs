using System.Diagnostics;
using System.Runtime.InteropServices;
using EtcdFleet.Lab.Host;
using EtcdFleet.Lab.Kubeadm;

namespace EtcdFleet.Lab.Releases;

/// <summary>The release server as a process in the lab's network; this process is not in it.</summary>
internal sealed class ReleaseServerProcess(LabPaths paths, LabState state, EtcdReleases releases)
{
    /// <summary>This program, to be run again in another namespace.</summary>
    public static IReadOnlyList<string> Self =>
    [
        Path.GetFullPath(Path.Combine(RuntimeEnvironment.GetRuntimeDirectory(), "../../../dotnet")),
        Path.Combine(AppContext.BaseDirectory, "etcdfleet-lab.dll"),
    ];

    /// <summary>Starts it and gives the CA that the nodes must trust, PEM. It listens a moment later, long before a node has booted.</summary>
    public async Task<string> StartAsync(CancellationToken cancellationToken)
    {
        var folder = Directory.CreateDirectory(Path.Combine(paths.State, "server"), UnixFileMode.UserRead | UnixFileMode.UserWrite | UnixFileMode.UserExecute).FullName;
        using var authority = new CertificateFactory("etcdfleet-lab");
        var pair = authority.Issue("CN=releases.etcdfleet-lab", server: true, client: false, [LabNetwork.Gateway]);
        await File.WriteAllTextAsync(Path.Combine(folder, "server.crt"), pair.Certificate, cancellationToken);
        await File.WriteAllTextAsync(Path.Combine(folder, "server.key"), pair.Key, cancellationToken);
        string[] command =
        [
            .. new LabNetwork(paths.Name).Enter, .. Self, "serve", "--folder", releases.Served,
            "--certificate", Path.Combine(folder, "server"), "--ready", Path.Combine(folder, "ready"),
        ];
        var process = Command.Start(new ProcessStartInfo("sh", ["-c", $"{new ControlGroups(paths.Name).EnterScript("server")} exec setsid \"$@\" </dev/null >'{folder}/log' 2>&1", "sh", .. command]));
        state.Record(process.Id);
        return authority.CertificatePem;
    }

    /// <summary>Waits until it listens.</summary>
    /// <exception cref="LabException">It does not within 15 s; what it said is in the message.</exception>
    public async Task ReadyAsync(CancellationToken cancellationToken)
    {
        var folder = Path.Combine(paths.State, "server");
        for (var attempt = 0; attempt < 300; attempt++)
        {
            if (File.Exists(Path.Combine(folder, "ready")))
            {
                return;
            }

            await Task.Delay(50, cancellationToken);
        }

        throw new LabException($"the release server does not listen after 15 s; it said\n{await File.ReadAllTextAsync(Path.Combine(folder, "log"), cancellationToken)}");
    }
}
