using System.Diagnostics;
using System.Globalization;
using EtcdFleet.Lab.Host;

namespace EtcdFleet.Lab.Machines;

/// <summary>One machine of the lab: a systemd of its own on an overlay of the shared root.</summary>
internal sealed class LabNode
{
    private static readonly TimeSpan BootDeadline = TimeSpan.FromSeconds(60);
    private readonly LabPaths _paths;
    private readonly LabState _state;
    private readonly LabNetwork _network;
    private readonly IReadOnlyList<NodeBind> _binds;
    private readonly bool _runsContainers;
    private ProcessIdentity? _nspawn;
    private ProcessIdentity? _leader;

    /// <summary>Describes a node; <see cref="CreateAsync"/> and <see cref="BootAsync"/> make it.</summary>
    public LabNode(LabPaths paths, LabState state, string name, string address, NodeOptions options, IReadOnlyList<NodeBind> binds, bool runsContainers = false)
    {
        (_paths, _state, Name, Address, Options, _runsContainers) = (paths, state, name, address, options, runsContainers);
        _network = new(paths.Name);
        _binds = [.. binds, .. binds.Count > 0 ? [new NodeBind(DataFolder, options.DataDir, Writable: true)] : Array.Empty<NodeBind>()];
    }

    /// <summary>cp1, cp2, …, or ops.</summary>
    public string Name { get; }

    /// <summary>Its address in 10.66.0.0/24.</summary>
    public string Address { get; }

    /// <summary>How it differs from what kubeadm makes.</summary>
    public NodeOptions Options { get; }

    /// <summary>Its root filesystem from outside. Shows neither /run nor etcd's data dir: see <see cref="HostPath"/>.</summary>
    public string Root => Path.Combine(Folder, "root");

    /// <summary>etcd's data dir from outside: an ordinary folder, not on the overlay, so that fsync and flock behave.</summary>
    public string DataFolder => Path.Combine(Folder, "etcd");

    /// <summary>What its console said since the lab began.</summary>
    public string ConsoleFile => Path.Combine(Folder, "console.log");

    /// <summary>True while its systemd runs.</summary>
    public bool IsRunning => _leader is { } leader && ProcessTable.IsAlive(leader);

    private string Folder => _paths.Node(Name);

    private string NspawnFile => Path.Combine(Folder, "nspawn");

    /// <summary>A path inside the running node as seen from outside, with everything that is mounted in it.</summary>
    public string HostPath(string path) => $"/proc/{Leader.Id}/root{path}";

    /// <summary>The node's PID 1, as this machine numbers it. Looked up again after a reboot from within.</summary>
    /// <exception cref="LabException">The node does not run.</exception>
    public ProcessIdentity Leader => (IsRunning ? _leader : _leader = FindLeader())
        ?? throw new LabException($"{Name} does not run; its console is {ConsoleFile}");

    /// <summary>Makes the node's files and mounts its root.</summary>
    public async Task CreateAsync(
        string lowerLayer, IReadOnlyDictionary<string, string> files, IReadOnlyDictionary<string, string> links, CancellationToken cancellationToken)
    {
        foreach (var folder in new[] { "upper", "work", "root" }.Select(f => Path.Combine(Folder, f)).Concat(_binds.Where(b => b.Writable).Select(b => b.Source)))
        {
            Directory.CreateDirectory(folder);
        }

        if (Options.DataDirBytes is { } bytes)
        {
            await Command.CheckedAsync(["mount", "-t", "tmpfs", "-o", $"size={bytes},mode=0755", "tmpfs", DataFolder], cancellationToken);
        }

        await Command.CheckedAsync(
            ["mount", "-t", "overlay", "overlay", "-o", $"lowerdir={lowerLayer},upperdir={Folder}/upper,workdir={Folder}/work", Root], cancellationToken);
        foreach (var (path, content) in files)
        {
            Directory.CreateDirectory(Path.GetDirectoryName(Root + path)!);
            await File.WriteAllTextAsync(Root + path, content, cancellationToken);
        }

        foreach (var (path, target) in links)
        {
            Directory.CreateDirectory(Path.GetDirectoryName(Root + path)!);
            File.CreateSymbolicLink(Root + path, target);
        }
    }

    /// <summary>Turns the node on and waits until its systemd has started everything.</summary>
    /// <exception cref="LabException">It is not up within a minute; the console's end is in the message.</exception>
    public async Task BootAsync(CancellationToken cancellationToken)
    {
        var started = Stopwatch.GetTimestamp();
        var process = Command.Start(new ProcessStartInfo("sh", ["-c", Script, "sh", .. NspawnCommand]));
        _nspawn = _state.Record(process.Id);
        await File.WriteAllTextAsync(NspawnFile, string.Create(CultureInfo.InvariantCulture, $"{_nspawn.Value.Id} {_nspawn.Value.Started}"), cancellationToken);
        var said = "nothing";
        while (Stopwatch.GetElapsedTime(started) < BootDeadline && ProcessTable.IsAlive(_nspawn.Value))
        {
            await Task.Delay(50, cancellationToken);
            _leader = FindLeader();
            if (_leader is not null)
            {
                said = (await RunAsync(TimeSpan.FromSeconds(10), cancellationToken, "systemctl", "is-system-running")).Output.Trim();
                if (said is "running" or "degraded")
                {
                    _state.Record(_leader.Value.Id);
                    return;
                }
            }
        }

        var console = File.Exists(ConsoleFile) ? string.Join('\n', File.ReadLines(ConsoleFile).TakeLast(15)) : "empty";
        throw new LabException($"{Name} did not boot: systemctl is-system-running says '{said}', expected 'running'; its console ends with\n{console}");
    }

    /// <summary>Takes up a node that another process has booted; false when it does not run.</summary>
    public bool Attach()
    {
        if (File.Exists(NspawnFile) && File.ReadAllText(NspawnFile).Split(' ') is [var id, var started])
        {
            _nspawn = new(int.Parse(id, CultureInfo.InvariantCulture), long.Parse(started, CultureInfo.InvariantCulture));
        }

        return (_leader = FindLeader()) is not null;
    }

    /// <summary>Runs a program in the node as root, for at most a minute.</summary>
    public Task<CommandResult> RunAsync(params string[] command) => RunAsync(TimeSpan.FromMinutes(1), CancellationToken.None, command);

    /// <summary>Runs a program in the node as root.</summary>
    /// <param name="timeout">After it the program is killed; the exit code is then 124.</param>
    public Task<CommandResult> RunAsync(TimeSpan timeout, CancellationToken cancellationToken, params IReadOnlyList<string> command) =>
        Command.RunAsync([.. Enter, .. command], timeout, cancellationToken);

    /// <summary>What goes before a command to run it in the node.</summary>
    public IReadOnlyList<string> Enter =>
    [
        "nsenter", "-t", Leader.Id.ToString(CultureInfo.InvariantCulture), "-m", "-u", "-i", "-n", "-p", "-C", "--",
        "env", "-i", "PATH=/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin", "HOME=/root", "LANG=C.UTF-8", "TERM=dumb",
    ];

    /// <summary>Cuts the power: everything in the node dies at once, nothing is shut down. What the kernel has cached survives, unlike in life.</summary>
    public async Task PowerCutAsync(CancellationToken cancellationToken)
    {
        ProcessTable.Kill(Leader);
        if (_nspawn is { } nspawn)
        {
            await LabState.GoneAsync(nspawn, cancellationToken);
        }
    }

    /// <summary>Takes the node's cable out.</summary>
    public Task CutLinkAsync(CancellationToken cancellationToken) => _network.SetLinkAsync(Name, connected: false, cancellationToken);

    /// <summary>Puts the node's cable back.</summary>
    public Task HealLinkAsync(CancellationToken cancellationToken) => _network.SetLinkAsync(Name, connected: true, cancellationToken);

    /// <summary>Moves itself into the node's control groups, then becomes nspawn in the lab's network.</summary>
    private string Script => $"{new ControlGroups(_paths.Name).EnterScript(Name, everyController: _runsContainers)} exec setsid \"$@\" </dev/null >>'{ConsoleFile}' 2>&1";

    /// <remarks>UNIFIED_HIERARCHY: systemd 257 needs cgroup v2, also where this machine mounts v1 beside it. A node that runs containers needs v1's controllers and a 252.</remarks>
    private string[] NspawnCommand =>
    [
        "env", $"SYSTEMD_NSPAWN_UNIFIED_HIERARCHY={(_runsContainers ? 0 : 1)}", "SYSTEMD_LOG_LEVEL=notice", .. _runsContainers ? new[] { "SYSTEMD_NSPAWN_API_VFS_WRITABLE=1", "SYSTEMD_SECCOMP=0" } : [], .. _network.Enter,
        "systemd-nspawn", "--quiet", $"--directory={Root}", "--register=no", "--keep-unit", $"--network-bridge={LabNetwork.Bridge}",
        $"--machine={Name}", "--link-journal=no", "--resolv-conf=off", "--timezone=off",
        .. _runsContainers ? new[] { "--capability=all", "--system-call-filter=@known", "--bind=/dev/kmsg" } : [],
        .. _binds.Select(b => $"--bind{(b.Writable ? "" : "-ro")}={b.Source}:{b.Target}"), "--boot",
    ];

    private ProcessIdentity? FindLeader() => _nspawn is { } nspawn && ProcessTable.IsAlive(nspawn)
        ? ProcessTable.ChildrenOf(nspawn.Id).Where(p => ProcessTable.NameOf(p.Id) == "systemd").Select(p => (ProcessIdentity?)p).FirstOrDefault()
        : null;
}

/// <summary>A folder of this machine that a node sees.</summary>
internal sealed record NodeBind(string Source, string Target, bool Writable = false);
