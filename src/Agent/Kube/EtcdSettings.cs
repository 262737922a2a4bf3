using EtcdFleet.Agent.Verbs.EtcdEnv;

namespace EtcdFleet.Agent.Kube;

/// <summary>Makes etcd's settings of a Pod's command and environment, and checks that they mean the same on the host.</summary>
internal static class EtcdSettings
{
    private static readonly string[] Keys = ["key-file", "peer-key-file", "client-key-file", "peer-client-key-file"];
    private static readonly string[] Certificates = ["cert-file", "peer-cert-file", "trusted-ca-file", "peer-trusted-ca-file", "client-cert-file", "peer-client-cert-file"];
    private static readonly string[] Refused = ["config-file", "version", "help", "h", "force-new-cluster"];
    private static readonly string[] LogStreams = ["default", "stdout", "stderr", "systemd/journal"];

    public static EtcdManifest Manifest(PodReader pod)
    {
        var problems = pod.Problems;
        var flags = GoCommandLine.Read(pod.Arguments, problems);
        var settings = Settings(flags, pod.Environment, problems);
        foreach (var name in Refused.Where(settings.ContainsKey))
        {
            problems.Add(Refusal(name, settings[name]));
        }

        problems.RemoveAll(string.IsNullOrEmpty);
        CheckValues(flags, pod.Environment, problems);
        CheckFiles(settings, pod.Mounts, problems);
        return new EtcdManifest
        {
            Flags = flags,
            Environment = pod.Environment,
            Image = pod.Image,
            Version = ImageVersion.Of(pod.Image),
            Name = settings.GetValueOrDefault("name", "default"),
            DataDir = DataDir(settings, pod.Mounts, problems),
            ListenClientUrls = Urls(settings, "listen-client-urls", problems),
            ListenPeerUrls = Urls(settings, "listen-peer-urls", problems),
            AdvertiseClientUrls = Urls(settings, "advertise-client-urls", problems),
            KeyFiles = Paths(settings, Keys),
            CertificateFiles = Paths(settings, Certificates),
            Dropped = pod.Dropped,
            Problem = ManifestProblems.Text(problems),
        };
    }

    /// <summary>What etcd goes by: its flags, and the variables named after flags.</summary>
    private static Dictionary<string, string> Settings(IReadOnlyList<KeyValuePair<string, string>> flags, List<KeyValuePair<string, string>> environment, List<string> problems)
    {
        var settings = flags.ToDictionary(flag => flag.Key, flag => flag.Value, StringComparer.Ordinal);
        var variables = new Dictionary<string, string>(StringComparer.Ordinal);
        foreach (var (flag, _) in flags)
        {
            if (!variables.TryAdd(EtcdFlags.Variable(flag), flag))
            {
                problems.Add($"--{EnvValue.Printable(variables[EtcdFlags.Variable(flag)])} and --{EnvValue.Printable(flag)} would be the same variable, expected etcd's own names. Remove the one that is none.");
            }
        }

        foreach (var (name, value) in environment.Where(variable => variable.Key.StartsWith("ETCD_", StringComparison.Ordinal) && variable.Key != "ETCD_VERSION"))
        {
            if (variables.TryGetValue(name, out var flag))
            {
                problems.Add($"--{flag} and the variable {name} are both set: etcd refuses to start so. Remove one of them.");
            }
            else if (value.Length > 0)
            {
                settings[name["ETCD_".Length..].ToLowerInvariant().Replace('_', '-')] = value;
            }
        }

        return settings;
    }

    private static string Refusal(string name, string value) => name switch
    {
        "config-file" => $"--config-file is '{value}': with it etcd ignores every other flag and variable (FACTS 8). Write the file's settings as flags, and remove it.",
        "force-new-cluster" => EtcdFlags.Truth(value) == false ? "" : "--force-new-cluster is set: at its next start this member would throw the others out. Remove it from the manifest.",
        _ => $"--{name} is set: etcd prints a text and ends. Remove it from the manifest.",
    };

    private static void CheckValues(IReadOnlyList<KeyValuePair<string, string>> flags, List<KeyValuePair<string, string>> environment, List<string> problems)
    {
        foreach (var (name, value) in flags)
        {
            var trouble = EnvValue.NameTrouble(EtcdFlags.Variable(name)) is { Length: > 0 } named ? named : EnvValue.Trouble(value);
            if (trouble.Length > 0)
            {
                problems.Add($"--{EnvValue.Printable(name)} {trouble}. Change it in the manifest.");
            }
            else if (value.Length == 0 && !EtcdFlags.IsEmptyByDefault(name))
            {
                problems.Add($"--{name} is empty, expected a value: etcd ignores an empty variable and would take its default. Remove the flag or give it a value.");
            }
        }

        foreach (var (name, value) in environment)
        {
            var trouble = EnvValue.NameTrouble(name) is { Length: > 0 } named ? named : EnvValue.Trouble(value);
            if (trouble.Length > 0)
            {
                problems.Add($"the variable '{EnvValue.Printable(name)}' {trouble}. Change it in the manifest.");
            }
        }
    }

    private static void CheckFiles(Dictionary<string, string> settings, PodMounts mounts, List<string> problems)
    {
        foreach (var (name, value) in settings.Where(setting => EtcdFlags.IsFile(setting.Key) && setting.Value.Length > 0))
        {
            problems.Add(mounts.Resolve(name, value).Problem);
        }

        // --auth-token=jwt,pub-key=/…,priv-key=/…
        foreach (var part in settings.GetValueOrDefault("auth-token", "").Split(','))
        {
            if (part.Split('=', 2) is ["pub-key" or "priv-key", var path])
            {
                problems.Add(mounts.Resolve("auth-token", path).Problem);
            }
        }

        foreach (var output in settings.GetValueOrDefault("log-outputs", "default").Split(',').Except(LogStreams))
        {
            problems.Add($"--log-outputs has '{EnvValue.Printable(output)}', expected default, stdout or stderr: the unit may write nowhere but into the data dir. Remove the flag; the journal keeps the log.");
        }

        problems.RemoveAll(string.IsNullOrEmpty);
    }

    private static string DataDir(Dictionary<string, string> settings, PodMounts mounts, List<string> problems)
    {
        if (settings.GetValueOrDefault("data-dir", "") is not { Length: > 0 } inside)
        {
            problems.Add("--data-dir is not set, expected an absolute path: etcd's default is a folder beside wherever it is started. Set it.");
            return "";
        }

        var (host, problem) = mounts.Resolve("data-dir", inside);
        if (problem.Length > 0)
        {
            problems.Add(problem);
        }
        else if (host == "/")
        {
            problems.Add("--data-dir is '/', expected a folder of etcd's own. Set it.");
        }

        if (settings.GetValueOrDefault("wal-dir", "") is { Length: > 0 } wal && !PodMounts.Covers(PodMounts.Clean(inside), PodMounts.Clean(wal)))
        {
            problems.Add($"--wal-dir is '{wal}', expected a folder within --data-dir ('{inside}'): owners and the unit's sandbox know that one alone. Move the log there.");
        }

        return host;
    }

    private static List<Uri> Urls(Dictionary<string, string> settings, string name, List<string> problems)
    {
        var urls = new List<Uri>();
        foreach (var text in settings.GetValueOrDefault(name, "").Split(',', StringSplitOptions.RemoveEmptyEntries))
        {
            if (Uri.TryCreate(text.Trim(), UriKind.Absolute, out var url) && url.Scheme is "http" or "https" or "unix" or "unixs")
            {
                urls.Add(url);
            }
            else
            {
                problems.Add($"--{name} has '{EnvValue.Printable(text)}', expected a URL like https://127.0.0.1:2379. Correct it.");
            }
        }

        return urls;
    }

    private static List<string> Paths(Dictionary<string, string> settings, string[] names) =>
        [.. names.Select(name => settings.GetValueOrDefault(name, "")).Where(path => path.StartsWith('/')).Select(PodMounts.Clean).Distinct()];
}
