using EtcdFleet.Agent.Verbs.EtcdEnv;

namespace EtcdFleet.Agent.Kube;

/// <summary>The parts of a Pod that say how its etcd is run. What has no equal under systemd is collected in <see cref="Problems"/>.</summary>
internal sealed class PodReader
{
    private static readonly string[] PodOnly = ["initContainers", "hostAliases", "dnsConfig"];
    private static readonly string[] ContainerOnly = ["envFrom", "lifecycle"];

    private readonly YamlTree.Mapping _spec;
    private readonly YamlTree.Mapping _container;

    /// <exception cref="FormatException">It is not a Pod with an etcd container.</exception>
    public PodReader(YamlTree root)
    {
        var pod = root as YamlTree.Mapping ?? throw new FormatException($"line {root.Line}: a list or a word, expected a Pod");
        if (pod.Text("kind") is var kind && kind != "Pod")
        {
            throw new FormatException($"kind is '{EnvValue.Printable(kind)}', expected 'Pod'");
        }

        _spec = pod.Map("spec") ?? throw new FormatException("the Pod has no spec, expected one with containers");
        var containers = _spec.Maps("containers");
        _container = containers.FirstOrDefault(container => container.Text("name") == "etcd")
            ?? containers.FirstOrDefault(container => container.Texts("command").FirstOrDefault()?.Split('/')[^1] == "etcd")
            ?? throw new FormatException($"none of the Pod's {containers.Count} containers is named etcd or runs etcd");
        foreach (var other in containers.Where(other => other != _container))
        {
            Problems.Add($"the Pod has another container, '{other.Text("name")}', expected etcd alone: it would be gone with the Pod. Run it in a Pod of its own.");
        }

        foreach (var field in PodOnly.Where(_spec.Items.ContainsKey))
        {
            Problems.Add($"the Pod has {field}, which systemd's etcd would not have. Remove it from the manifest.");
        }

        if (_spec.Text("hostNetwork") != "true")
        {
            Problems.Add($"hostNetwork is '{_spec.Text("hostNetwork")}', expected 'true': an etcd with a network of its own cannot keep its addresses on the host. Set it.");
        }

        ReadContainer();
    }

    /// <summary>Every reason, each with what was found, what was expected and what to do.</summary>
    public List<string> Problems { get; } = [];

    /// <summary>What the Pod has and the unit will not, without harm.</summary>
    public List<string> Dropped { get; } = [];

    public string Image { get; private set; } = "";

    /// <summary>etcd's arguments, without its own name.</summary>
    public IReadOnlyList<string> Arguments { get; private set; } = [];

    public List<KeyValuePair<string, string>> Environment { get; } = [];

    public PodMounts Mounts { get; } = new();

    private void ReadContainer()
    {
        Image = _container.Text("image");
        ReadCommand();
        ReadEnvironment();
        ReadMounts();
        foreach (var field in ContainerOnly.Where(_container.Items.ContainsKey))
        {
            Problems.Add($"the etcd container has {field}, which has no equal in etcd.env. Write out what it gives, or remove it.");
        }

        if (_container.Map("resources") is { } resources && resources.Map("limits") is { Items.Count: > 0 } limits)
        {
            Dropped.Add($"resources.limits ({string.Join(", ", limits.Items.Keys)}): the unit has no limits; set them with 'systemctl edit etcd.service' if they are meant");
        }
    }

    private void ReadCommand()
    {
        string[] words = [.. _container.Texts("command"), .. _container.Texts("args")];
        foreach (var word in words)
        {
            Literal(word, "the command");
        }

        if (_container.Texts("command") is not [var program, ..])
        {
            Problems.Add("the etcd container has no command: what its image runs cannot be known. Write the command into the manifest.");
            Arguments = words;
        }
        else if (program.Split('/')[^1] != "etcd")
        {
            Problems.Add($"the command runs '{program}', expected 'etcd' itself with its flags: what a shell or a wrapper does cannot be carried over. Write etcd and its flags out.");
        }
        else
        {
            Arguments = words[1..];
        }
    }

    private void ReadEnvironment()
    {
        foreach (var entry in _container.Maps("env"))
        {
            var name = entry.Text("name");
            if (entry.Items.ContainsKey("valueFrom"))
            {
                Problems.Add($"the variable {name} comes from elsewhere (valueFrom), expected a plain value. Write the value itself.");
                continue;
            }

            var value = entry.Text("value");
            Literal(value, $"the variable {name}");
            var before = Environment.FindIndex(variable => variable.Key == name);
            if (before < 0)
            {
                Environment.Add(new(name, value));
            }
            else if (Environment[before].Value != value)
            {
                // The values stay out of the message: a variable may hold a secret.
                Problems.Add($"the variable {name} stands twice with different values, expected it once. Remove the wrong one.");
                Environment[before] = new(name, value);
            }
        }
    }

    private void ReadMounts()
    {
        var volumes = _spec.Maps("volumes").GroupBy(volume => volume.Text("name")).ToDictionary(group => group.Key, group => group.First());
        foreach (var mount in _container.Maps("volumeMounts"))
        {
            var volume = mount.Text("name");
            var host = volumes.TryGetValue(volume, out var found) && found.Map("hostPath") is { } hostPath && !mount.Items.ContainsKey("subPathExpr")
                ? hostPath.Text("path") : null;
            var inside = mount.Text("subPath");
            Mounts.Add(mount.Text("mountPath"), string.IsNullOrEmpty(host) ? null : inside.Length == 0 ? host : $"{host}/{inside}", volume);
        }
    }

    /// <summary>Kubernetes puts variables into $(NAME) and makes one $ of two; systemd and etcd do not.</summary>
    private void Literal(string text, string where)
    {
        if (text.Contains("$(", StringComparison.Ordinal) || text.Contains("$$", StringComparison.Ordinal))
        {
            Problems.Add($"{where} has '$(' or '$$', which Kubernetes replaces before etcd sees it, expected plain text. Write out what it stands for.");
        }
    }
}
