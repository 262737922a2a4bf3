using EtcdFleet.Lab.Host;
using EtcdFleet.Lab.Machines;

namespace EtcdFleet.Lab.Kubeadm;

/// <summary>Lays etcd out on the nodes as <c>kubeadm init</c> and <c>kubeadm join</c> do, and waits until it is healthy.</summary>
/// <remarks>
/// The manifests are those that joining one by one leaves. The members are not joined one by one, since etcd makes each
/// wait for 5 s; their data dirs are restored from an empty snapshot that already has all of them as members.
/// </remarks>
internal sealed class StackedEtcd(LabOptions options, IReadOnlyList<LabNode> nodes, string cache)
{
    private const string Seed = "seed.db";
    private static readonly TimeSpan Deadline = TimeSpan.FromSeconds(90);
    private static readonly TimeSpan Poll = TimeSpan.FromMilliseconds(50);

    private readonly string _image = NodeFiles.EtcdImage(options.EtcdVersion);

    /// <summary>Forms the cluster. Learners come last, since only a cluster that stands can take them.</summary>
    /// <param name="alongside">What may begin once the certificates are there, and goes on while etcd comes up.</param>
    /// <exception cref="LabException">It is not healthy within 90 s.</exception>
    public async Task StartAsync(Task<IssuedPki> pki, Func<Task> alongside, CancellationToken cancellationToken)
    {
        await PrepareSeedAsync(cancellationToken);
        await Task.WhenAll(Voters.Select(n => RestoreSeedAsync(n, cancellationToken)));
        var issued = await pki;
        foreach (var node in nodes)
        {
            EtcdPki.Write(node.Root, issued.Nodes[node.Name]);
        }

        var others = alongside();
        // One after the other: with a log of its own, each asks its peers for their hash before it serves, and waits 7 s for a peer
        // that listens but does not serve either. A peer that is not there yet is passed over at once.
        foreach (var node in Voters)
        {
            await WriteManifestAsync(node, [.. Voters.TakeWhile(n => n != node), node], cancellationToken);
            await ServingPeersAsync(node, cancellationToken);
        }

        await HealthyAsync(Voters, cancellationToken);
        await others;
        foreach (var learner in nodes.Where(n => n.Options.Learner))
        {
            await AddLearnerAsync(learner, cancellationToken);
        }

        if (options.ApiServerWatch)
        {
            await Task.WhenAll(nodes.Where(n => !options.Kubernetes || n.Options.Learner).Select(n => n.RunAsync("systemctl", "--quiet", "enable", "--now", "etcdfleet-lab-watch.service")));
        }
    }

    /// <summary>Runs etcdctl on a node against its own member, with the healthcheck client's certificate.</summary>
    public Task<CommandResult> EtcdctlAsync(LabNode node, CancellationToken cancellationToken, params string[] arguments) => node.RunAsync(
        TimeSpan.FromSeconds(30), cancellationToken,
        [$"{_image}/etcdctl", "--endpoints=https://127.0.0.1:2379", .. ClientFlags("apiserver-etcd-client"), .. arguments]);

    /// <summary>The unit that watches as an apiserver does.</summary>
    public static string WatchUnit(string etcdVersion) =>
        $"""
        [Unit]
        Description=An apiserver's watches on its local etcd (stand-in of the lab)
        After=network-online.target
        StartLimitIntervalSec=0
        [Service]
        ExecStart={NodeFiles.EtcdImage(etcdVersion)}/etcdctl --endpoints=https://127.0.0.1:2379 {string.Join(' ', ClientFlags("apiserver-etcd-client"))} watch --prefix /registry/
        StandardOutput=null
        Restart=always
        RestartSec=1
        [Install]
        WantedBy=multi-user.target

        """;

    private List<LabNode> Voters => [.. nodes.Where(n => !n.Options.Learner)];

    private static string[] ClientFlags(string certificate) =>
        [$"--cacert={EtcdPki.Folder}/etcd/ca.crt", $"--cert={EtcdPki.Folder}/{certificate}.crt", $"--key={EtcdPki.Folder}/{certificate}.key"];

    private static string MemberName(LabNode node) => node.Options.MemberName ?? node.Name;

    private static string Members(IEnumerable<LabNode> members) => string.Join(',', members.Select(m => $"{MemberName(m)}=https://{m.Address}:2380"));

    private async Task RestoreSeedAsync(LabNode node, CancellationToken cancellationToken) => (await node.RunAsync(
        TimeSpan.FromSeconds(30), cancellationToken,
        $"{_image}/etcdutl", "snapshot", "restore", $"{_image}/{Seed}", "--skip-hash-check", $"--data-dir={node.Options.DataDir}",
        $"--name={MemberName(node)}", $"--initial-cluster={Members(Voters)}", $"--initial-advertise-peer-urls=https://{node.Address}:2380")).Checked();

    /// <summary>Waits until the member says in its log that it serves its peers; its port is open well before.</summary>
    private static Task ServingPeersAsync(LabNode node, CancellationToken cancellationToken) => UntilAsync(
        () => Task.FromResult(new CommandResult("look into etcd's log", LogsOf(node).Any(l => File.ReadAllText(l).Contains("serving peer traffic", StringComparison.Ordinal)) ? 0 : 1, "", "nothing")),
        $"{node.Name}'s etcd to serve its peers", cancellationToken);

    private static string[] LogsOf(LabNode node) => Directory.Exists($"{node.Root}/var/log/pods") ? Directory.GetFiles($"{node.Root}/var/log/pods", "*.log", SearchOption.AllDirectories) : [];

    private async Task AddLearnerAsync(LabNode node, CancellationToken cancellationToken)
    {
        // etcd takes a new member only after 5 s of every member seeing every other; until then it says "unhealthy cluster".
        await UntilAsync(
            () => EtcdctlAsync(Voters[0], cancellationToken, "member", "add", MemberName(node), "--learner", $"--peer-urls=https://{node.Address}:2380"),
            "the learner to be added", cancellationToken);
        await WriteManifestAsync(node, [.. Voters, node], cancellationToken);
        await UntilAsync(
            async () => await EtcdctlAsync(node, cancellationToken, "endpoint", "status") is { ExitCode: 0 } answer ? answer : await EtcdctlAsync(node, cancellationToken, "version"),
            "the learner to answer", cancellationToken);
    }

    private async Task WriteManifestAsync(LabNode node, IReadOnlyList<LabNode> members, CancellationToken cancellationToken)
    {
        var manifest = new EtcdManifest
        {
            Version = options.EtcdVersion,
            MemberName = MemberName(node),
            Address = node.Address,
            DataDir = node.Options.DataDir,
            InitialCluster = [.. members.Select(m => (MemberName(m), m.Address))],
            ExtraArgs = options.EtcdExtraArgs,
        };
        // The modes that kubeadm leaves: the folder of the data 0755 (etcdutl makes it 0700), member 0700, the manifest 0600.
        var folder = Directory.CreateDirectory(node.Root + "/etc/kubernetes/manifests", UnixFileMode.UserRead | UnixFileMode.UserWrite | UnixFileMode.UserExecute);
        File.SetUnixFileMode(node.DataFolder, (UnixFileMode)0b111_101_101);
        var temporary = Path.Combine(folder.FullName, ".etcd.yaml");
        await File.WriteAllTextAsync(temporary, manifest.ToYaml(), cancellationToken);
        File.SetUnixFileMode(temporary, UnixFileMode.UserRead | UnixFileMode.UserWrite);
        // Named from within the node: its kubelet must hear of it at once.
        (await node.RunAsync("mv", "/etc/kubernetes/manifests/.etcd.yaml", EtcdManifest.Path)).Checked();
    }

    private Task HealthyAsync(IReadOnlyList<LabNode> members, CancellationToken cancellationToken) => Task.WhenAll(members.Select(m => UntilAsync(
        () => EtcdctlAsync(m, cancellationToken, "--dial-timeout=1s", "--command-timeout=2s", "endpoint", "health"), $"{m.Name}'s etcd to be healthy", cancellationToken)));

    private static async Task UntilAsync(Func<Task<CommandResult>> attempt, string what, CancellationToken cancellationToken)
    {
        var started = System.Diagnostics.Stopwatch.GetTimestamp();
        CommandResult result;
        while ((result = await attempt()).ExitCode != 0)
        {
            if (System.Diagnostics.Stopwatch.GetElapsedTime(started) > Deadline)
            {
                throw new LabException($"waited {Deadline.TotalSeconds:0} s for {what}; the last answer was\n{result.Error.Trim()}");
            }

            await Task.Delay(Poll, cancellationToken);
        }
    }

    /// <summary>An empty database of this version, made once: a member that has just begun, saved.</summary>
    private async Task PrepareSeedAsync(CancellationToken cancellationToken)
    {
        var seed = Path.Combine(cache, "etcd", options.EtcdVersion, Seed);
        if (File.Exists(seed))
        {
            return;
        }

        const string script =
            """
            d=$(mktemp -d); "$1/etcd" --data-dir "$d/data" --listen-client-urls http://127.0.0.1:12379 --advertise-client-urls http://127.0.0.1:12379 --listen-peer-urls http://127.0.0.1:12380 >"$d/log" 2>&1 & p=$!
            n=0; until "$1/etcdctl" --endpoints http://127.0.0.1:12379 snapshot save "$d/seed.db" >/dev/null 2>&1; do n=$((n+1)); [ $n -lt 50 ] || { cat "$d/log" >&2; exit 1; }; sleep 0.2; done
            kill $p; wait $p; mv "$d/seed.db" /root/seed.db; rm -r "$d"
            """;
        (await nodes[0].RunAsync(TimeSpan.FromMinutes(1), cancellationToken, "sh", "-c", script, "sh", _image)).Checked();
        var temporary = $"{seed}.{Environment.ProcessId}.tmp";
        File.Copy(nodes[0].Root + "/root/seed.db", temporary, overwrite: true);
        File.Move(temporary, seed, overwrite: true);
        File.Delete(nodes[0].Root + "/root/seed.db");
    }
}
