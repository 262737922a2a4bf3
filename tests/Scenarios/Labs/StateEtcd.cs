using EtcdFleet.Lab;
using EtcdFleet.Lab.Host;
using EtcdFleet.Lab.Kubeadm;

namespace EtcdFleet.Scenarios.Labs;

/// <summary>An etcd for the fleet's state on the lab's ops machine: with TLS, client certificates and a CA that is nobody else's. What operators share stands elsewhere, and outlives their machines.</summary>
internal sealed class StateEtcd(RunningLab lab)
{
    private const string Unit = "state-etcd";
    private const string Folder = "/srv/state-etcd";

    /// <summary>Where the coordinator looks for its identity unless it is told otherwise.</summary>
    private const string Identity = "/root/.config/etcdfleet/state-pki";

    private static readonly string[] Programs = ["etcd", "etcdctl"];

    public string Url => $"etcd://{lab.Ops.Address}:2379";

    /// <summary>Lays it out, starts it, and gives the coordinator on ops its identity.</summary>
    public async Task StartAsync()
    {
        foreach (var program in Programs)
        {
            File.Copy(Path.Combine(LabPaths.FromEnvironment().Cache, "etcd", lab.EtcdVersion, program), $"{lab.Ops.Root}/usr/local/bin/{program}", overwrite: true);
        }

        using var authority = new CertificateFactory("state-ca", elliptic: true);
        Write($"{Folder}/ca.crt", authority.CertificatePem);
        Write(Folder, "server", authority.Issue("CN=state", server: true, client: true, [lab.Ops.Address]));
        Write($"{Identity}/ca.crt", authority.CertificatePem);
        Write(Identity, "client", authority.Issue("CN=operator", server: false, client: true, []));
        (await lab.Ops.RunAsync(
            "systemd-run", $"--unit={Unit}", "--quiet", "--property=Type=notify", "/usr/local/bin/etcd", "--name=state", $"--data-dir={Folder}/data", $"--listen-client-urls=https://{lab.Ops.Address}:2379",
            $"--advertise-client-urls=https://{lab.Ops.Address}:2379", "--listen-peer-urls=http://127.0.0.1:2380", $"--cert-file={Folder}/server.crt", $"--key-file={Folder}/server.key", $"--trusted-ca-file={Folder}/ca.crt",
            "--client-cert-auth")).Checked();
    }

    /// <summary>It answers nobody for a while: stopped by SIGSTOP, its connections stay open.</summary>
    public async Task HangAsync(TimeSpan duration, CancellationToken cancellationToken)
    {
        await SignalAsync("STOP");
        await Task.Delay(duration, cancellationToken);
        await SignalAsync("CONT");
    }

    /// <summary>The keys below a prefix with their values, in order.</summary>
    public async Task<IReadOnlyList<string>> ValuesAsync(string prefix) => Lines((await CtlAsync("get", "--prefix", prefix, "--print-value-only")).Checked().Output);

    /// <summary>The keys below a prefix, in order.</summary>
    public async Task<IReadOnlyList<string>> KeysAsync(string prefix) => Lines((await CtlAsync("get", "--prefix", prefix, "--keys-only")).Checked().Output);

    private Task<CommandResult> CtlAsync(params IReadOnlyList<string> arguments) => lab.Ops.RunAsync(
        ["/usr/local/bin/etcdctl", $"--endpoints=https://{lab.Ops.Address}:2379", $"--cacert={Identity}/ca.crt", $"--cert={Identity}/client.crt", $"--key={Identity}/client.key", .. arguments]);

    private async Task SignalAsync(string signal) => (await lab.Ops.RunAsync("systemctl", "kill", $"--signal={signal}", Unit)).Checked();

    private static string[] Lines(string text) => text.Split('\n', StringSplitOptions.RemoveEmptyEntries);

    private void Write(string folder, string name, KeyPairPem pair)
    {
        Write($"{folder}/{name}.crt", pair.Certificate);
        Write($"{folder}/{name}.key", pair.Key);
    }

    private void Write(string path, string text)
    {
        var target = lab.Ops.Root + path;
        Directory.CreateDirectory(Path.GetDirectoryName(target)!);
        File.WriteAllText(target, text);
        File.SetUnixFileMode(target, UnixFileMode.UserRead | UnixFileMode.UserWrite);
    }
}
