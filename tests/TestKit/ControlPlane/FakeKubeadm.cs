using System.Collections.ObjectModel;
using EtcdFleet.Agent;
using EtcdFleet.Agent.Host;
using EtcdFleet.Agent.V1;

namespace EtcdFleet.TestKit;

/// <summary>kubeadm on a scratch node with two container runtimes, as the real one behaves (FACTS 12, 13, 16, 20) under the agent's unit, which denies it netlink. No other program is there.</summary>
internal sealed class FakeKubeadm : IPrograms
{
    private const string NoNetlink = "error: route ip+net: netlinkrib: address family not supported by protocol\nTo see the stack trace of this error execute with --v=5 or higher\n";

    private readonly HostRoot _root;
    private readonly FakeKubernetesApi _api;
    private readonly Death _death;
    private readonly List<string> _calls = [];

    public FakeKubeadm(HostRoot root, FakeKubernetesApi api, Death death)
    {
        (_root, _api, _death) = (root, api, death);
        Program = "/usr/bin/kubeadm";
        File.WriteAllText(root.At(Program), "");
    }

    /// <summary>As in v1.35.6.</summary>
    public string Version { get; set; } = "v1.35.6";

    /// <summary>Where it is.</summary>
    public string Program { get; set; }

    /// <summary>How a command ends instead, by its first words; what it would have done is not done.</summary>
    public Dictionary<string, ProgramResult> Ends { get; } = [];

    /// <summary>Done before each command, with its words.</summary>
    public Action<string> BeforeCall { get; set; } = _ => { };

    /// <summary>Dry runs of 'init' make a folder of their own in the one that they are given, as older releases do.</summary>
    public bool OwnDryRunFolder { get; set; }

    /// <summary>The arguments of each command.</summary>
    public IReadOnlyList<string> Calls => _calls;

    /// <summary>The variables of the last command.</summary>
    public IReadOnlyDictionary<string, string> Environment { get; private set; } = ReadOnlyDictionary<string, string>.Empty;

    /// <summary>The configuration of the last command that had one.</summary>
    public string Configuration { get; private set; } = "";

    private int Minor => int.Parse(Version.Split('.')[1]);

    public Task<ProgramResult> RunAsync(string file, IReadOnlyList<string> arguments, TimeSpan timeout, CancellationToken cancellationToken) =>
        RunAsync(file, arguments, ReadOnlyDictionary<string, string>.Empty, timeout, cancellationToken);

    public Task<ProgramResult> RunAsync(string file, IReadOnlyList<string> arguments, IReadOnlyDictionary<string, string> environment, TimeSpan timeout, CancellationToken cancellationToken) => _death.AroundAsync(() =>
    {
        if (file != Program)
        {
            throw new AgentFault(FaultReason.ProgramFailed, $"{file} cannot be run: No such file or directory");
        }

        var words = string.Join(' ', arguments);
        _calls.Add(words);
        Environment = environment;
        BeforeCall(words);
        var end = Ends.Where(end => words.StartsWith(end.Key, StringComparison.Ordinal)).OrderByDescending(end => end.Key.Length).Select(end => end.Value).FirstOrDefault();
        return Task.FromResult(end ?? Run(words, arguments));
    });

    private ProgramResult Run(string words, IReadOnlyList<string> arguments) => words.Split(' ') switch
    {
        ["version", "-o", "short"] => new(0, $"{Version}\n", ""),
        ["config", "validate", ..] => Strictly(arguments, _ => "ok\n"),
        ["config", "migrate", ..] => Strictly(arguments, file => Migrate(Option(arguments, "--new-config"), file)),
        ["init", "phase", "upload-config", "kubeadm", ..] => With(arguments, Upload),
        ["init", "phase", "control-plane", "apiserver", ..] => With(arguments, file => WriteApiServer(file, arguments.Contains("--dry-run"))),
        ["init", "phase", "upload-certs", "--upload-certs", ..] when arguments.Contains("--dry-run") => UploadCerts(),
        ["token", "create", "--dry-run", ..] => arguments.Contains("--config") ? new(0, "  token-secret: c2VjcmV0\nabcdef.0123456789abcdef\n", "") : new(1, "", NoNetlink),
        ["upgrade", "plan", ['v', ..], ..] => new(0, "[upgrade/versions] Cluster version: 1.35.6\n", ""),
        ["upgrade", "apply", ['v', ..], "--dry-run", "-y", ..] => Apply(),
        _ => new(1, "", $"error: unknown command or flag: {words}\n"),
    };

    private ProgramResult Strictly(IReadOnlyList<string> arguments, Func<KubeadmFile, string> run) => With(arguments, file =>
        file.UnknownField is { Length: > 0 } field ? throw new FormatException($"error unmarshaling configuration: strict decoding error: unknown field \"{field}\"") : run(file));

    /// <summary>A command with a configuration; what is missing there is looked for on the machine.</summary>
    private ProgramResult With(IReadOnlyList<string> arguments, Func<KubeadmFile, string> run)
    {
        var name = Option(arguments, "--config") is { Length: > 0 } config ? config : Option(arguments, "--old-config");
        var file = new KubeadmFile(Configuration = File.ReadAllText(name), Minor);
        if (file.Address.Length == 0)
        {
            return new(1, "", NoNetlink); // it looks for the default route's
        }

        try
        {
            return file.Socket.Length == 0 ? throw new FormatException("found multiple CRI endpoints on the host")
                : file.Refusal() is { Length: > 0 } refusal ? throw new FormatException(refusal)
                : new(0, run(file), file.UnknownField.Length > 0 ? $"W1123 03:00:00 initconfiguration.go:334] unknown field \"{file.UnknownField}\"\n" : "");
        }
        catch (FormatException refused)
        {
            return new(1, "", $"error: {refused.Message}\nTo see the stack trace of this error execute with --v=5 or higher\n");
        }
    }

    private static string Migrate(string target, KubeadmFile file)
    {
        var init = PlainYaml.Write(file.Init!).Replace("v1beta3", file.Newest.Split('/')[1]);
        File.WriteAllText(target, $"{init}---\n{file.Stored()}");
        return "";
    }

    /// <summary>The whole object is replaced with what is in the file, and what kubeadm does not know is dropped (FACTS 12).</summary>
    private string Upload(KubeadmFile file)
    {
        if (_api.Silence is { } why)
        {
            throw new FormatException($"error execution phase upload-config/kubeadm: Get \"https://{file.Address}:{file.Port}/\": {why}");
        }

        _api.Configuration = file.Stored();
        return "[upload-config] Storing the configuration used in ConfigMap \"kubeadm-config\" in the \"kube-system\" Namespace\n";
    }

    private string WriteApiServer(KubeadmFile file, bool dryRun)
    {
        var folder = dryRun ? DryRunFolder() : _root.Manifests;
        Directory.CreateDirectory(folder);
        var path = Path.Combine(folder, "kube-apiserver.yaml");
        File.WriteAllText(path, FakeApiServerPod.Text(file, Environment));
        File.SetUnixFileMode(path, UnixFileMode.UserRead | UnixFileMode.UserWrite);
        return "[control-plane] Creating static Pod manifest for \"kube-apiserver\"\n";
    }

    /// <summary>It takes admin.conf from its own folder, and prints the Secrets that it would write.</summary>
    private ProgramResult UploadCerts()
    {
        var adminConf = Path.Combine(DryRunFolder(), "admin.conf");
        return File.Exists(adminConf)
            ? new(0, "[dryrun] Would perform action CREATE on resource \"secrets\"\n  external-etcd.key: ZW5jcnlwdGVk\n", "")
            : new(1, "", $"error: error execution phase upload-certs: open {adminConf}: no such file or directory\n");
    }

    /// <summary>It removes the folder that it is given.</summary>
    private ProgramResult Apply()
    {
        var folder = Environment["KUBEADM_UPGRADE_DRYRUN_DIR"];
        Directory.CreateDirectory(folder);
        Directory.Delete(folder, recursive: true);
        return new(0, "[dryrun] Would upgrade your static Pod-hosted control plane\n", "");
    }

    private string DryRunFolder() => OwnDryRunFolder
        ? Path.Combine(Environment["KUBEADM_INIT_DRYRUN_DIR"], "tmp", "kubeadm-init-dryrun4711")
        : Environment["KUBEADM_INIT_DRYRUN_DIR"];

    private static string Option(IReadOnlyList<string> arguments, string name) => arguments.SkipWhile(word => word != name).Skip(1).FirstOrDefault("");
}
