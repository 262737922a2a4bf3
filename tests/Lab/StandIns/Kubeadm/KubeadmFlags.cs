namespace EtcdFleet.Lab.StandIns.Kubeadm;

/// <summary>The words of a command line after the command: flags and the rest, as pflag reads them.</summary>
internal sealed class KubeadmFlags
{
    /// <summary>What may stand beside <c>--config</c> (FACTS 13); everything that begins with <c>skip-</c> as well.</summary>
    private static readonly string[] AllowedBesideConfig =
    [
        "config", "ignore-preflight-errors", "dry-run", "kubeconfig", "kubeconfig-dir", "node-name", "upload-certs", "print-join-command", "rootfs", "v", "log-file",
        "yes", "force", "allow-experimental-upgrades", "allow-release-candidate-upgrades", "certificate-renewal", "etcd-upgrade", "output", "print-config", "allow-missing-template-keys", "show-managed-fields",
    ];

    private static readonly Dictionary<char, string> Short = new() { ['y'] = "yes", ['f'] = "force", ['o'] = "output", ['v'] = "v", ['h'] = "help" };
    private readonly Dictionary<string, string> _values = [];

    private KubeadmFlags()
    {
    }

    /// <summary>The words that are no flags.</summary>
    public IReadOnlyList<string> Arguments { get; private set; } = [];

    /// <summary>Reads the words.</summary>
    /// <param name="words">After the command's own.</param>
    /// <param name="known">The command's flags; those that take no value end in <c>?</c>.</param>
    /// <exception cref="KubeadmException">A flag is not the command's, or lacks its value.</exception>
    public static KubeadmFlags Parse(IReadOnlyList<string> words, params IEnumerable<string> known)
    {
        var flags = new KubeadmFlags();
        var names = known.Concat(["v", "rootfs", "help?"]).ToDictionary(k => k.TrimEnd('?'), k => k.EndsWith('?'));
        var rest = new List<string>();
        for (var i = 0; i < words.Count; i++)
        {
            var word = words[i];
            if (!word.StartsWith('-') || word == "-")
            {
                rest.Add(word);
                continue;
            }

            var (name, value) = word.TrimStart('-').Split('=', 2) is [var left, var right] ? (left, right) : (word.TrimStart('-'), null);
            if (!word.StartsWith("--", StringComparison.Ordinal))
            {
                (name, value) = Short.TryGetValue(name[0], out var full) ? (full, name.Length > 1 ? name[1..] : value) : (name, value);
            }

            if (!names.TryGetValue(name, out var alone))
            {
                throw new KubeadmException($"unknown flag: --{name}");
            }

            flags._values[name] = value ?? (alone ? "true" : i + 1 < words.Count ? words[++i] : throw new KubeadmException($"flag needs an argument: --{name}"));
        }

        flags.Arguments = rest;
        return flags;
    }

    /// <summary>A flag's value; empty when it was not given.</summary>
    public string this[string name] => _values.GetValueOrDefault(name, "");

    /// <summary>True when a flag was given as true.</summary>
    public bool Has(string name) => this[name] == "true";

    /// <summary>True when a flag was given at all.</summary>
    public bool Given(string name) => _values.ContainsKey(name);

    /// <summary>Refuses flags that mean what a configuration file says.</summary>
    /// <exception cref="KubeadmException">There is one.</exception>
    public void RefuseBesideConfig()
    {
        var mixed = _values.Keys.Where(k => !AllowedBesideConfig.Contains(k) && !k.StartsWith("skip-", StringComparison.Ordinal)).Order(StringComparer.Ordinal).ToList();
        if (Given("config") && mixed.Count > 0)
        {
            throw new KubeadmException($"can not mix '--config' with arguments [{string.Join(' ', mixed)}]");
        }
    }
}
