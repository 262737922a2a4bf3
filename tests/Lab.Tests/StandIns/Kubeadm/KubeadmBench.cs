using EtcdFleet.Lab.StandIns;
using EtcdFleet.Lab.StandIns.Kubeadm;

namespace EtcdFleet.Lab.Tests.StandIns.Kubeadm;

/// <summary>The kubeadm stand-in on a folder that takes the place of a node's root.</summary>
internal sealed class KubeadmBench(string root)
{
    /// <summary>What the default route's address would be. Not the node's own, so that it can be told apart.</summary>
    public const string DefaultAddress = "192.0.2.7";

    public NodeBehaviour Behaviour { get; set; } = new();

    public Dictionary<string, string> Environment { get; } = [];

    public string Root => root;

    /// <summary>A path in the node.</summary>
    public string At(string path) => root + path;

    public string Manifest => File.ReadAllText(At("/etc/kubernetes/manifests/kube-apiserver.yaml"));

    /// <summary>Runs a command line.</summary>
    public async Task<KubeadmResult> RunAsync(params string[] words)
    {
        var (output, error) = (new StringWriter(), new StringWriter());
        var host = new KubeadmHost
        {
            Root = root,
            NodeName = "cp1",
            Behaviour = Behaviour,
            Output = output,
            Error = error,
            Environment = Environment.GetValueOrDefault,
            DefaultAddress = () => DefaultAddress,
            Time = TimeProvider.System,
        };
        return new(await KubeadmStandIn.RunAsync(words, host), output.ToString(), error.ToString());
    }

    /// <summary>Writes a configuration and gives its path.</summary>
    public string Write(string text, string name = "kubeadm.yaml")
    {
        var path = Path.Combine(root, name);
        Directory.CreateDirectory(root);
        File.WriteAllText(path, text);
        return path;
    }

    /// <summary>Runs a command with a configuration.</summary>
    public Task<KubeadmResult> WithAsync(string configuration, params string[] words) => RunAsync([.. words, "--config", Write(configuration)]);
}

/// <summary>How a command ended.</summary>
internal sealed record KubeadmResult(int ExitCode, string Output, string Error)
{
    /// <summary>This result, if it ended well.</summary>
    public KubeadmResult Checked()
    {
        Xunit.Assert.True(ExitCode == 0, $"exit code {ExitCode}: {Error}{Output}");
        return this;
    }
}
