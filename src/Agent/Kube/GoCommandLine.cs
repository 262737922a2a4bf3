using System.Text.RegularExpressions;

namespace EtcdFleet.Agent.Kube;

/// <summary>Reads arguments as Go's flag package does: <c>--a=b</c>, <c>-a=b</c>, <c>--a b</c>, and bare switches.</summary>
internal static partial class GoCommandLine
{
    /// <summary>The flags in their order, repeated ones joined where etcd adds them up.</summary>
    /// <param name="arguments">Without the program's own name.</param>
    /// <param name="problems">What etcd would not take, or we cannot read with certainty.</param>
    public static IReadOnlyList<KeyValuePair<string, string>> Read(IReadOnlyList<string> arguments, ICollection<string> problems)
    {
        var flags = new List<KeyValuePair<string, string>>();
        for (var at = 0; at < arguments.Count; at++)
        {
            var match = Flag().Match(arguments[at]);
            if (!match.Success)
            {
                problems.Add($"the command has '{arguments[at]}', expected flags only (--name=value): etcd takes no other arguments. Remove it from the manifest.");
                continue;
            }

            var name = match.Groups["name"].Value;
            if (match.Groups["value"] is { Success: true } value)
            {
                Add(flags, name, value.Value, problems);
            }
            else if (EtcdFlags.IsSwitch(name))
            {
                // Go leaves the next word alone: "--client-cert-auth false" would be a switch and a stray argument.
                Add(flags, name, "true", problems);
            }
            else if (at + 1 == arguments.Count)
            {
                problems.Add($"--{name} is the last argument and has no value, expected --{name}=value. Write it so.");
            }
            else if (arguments[at + 1].StartsWith('-'))
            {
                problems.Add($"--{name} is followed by '{arguments[at + 1]}': whether that is its value cannot be told. Write --{name}=value.");
            }
            else
            {
                Add(flags, name, arguments[++at], problems);
            }
        }

        return flags;
    }

    private static void Add(List<KeyValuePair<string, string>> flags, string name, string value, ICollection<string> problems)
    {
        var before = flags.FindIndex(flag => flag.Key == name);
        if (before < 0)
        {
            flags.Add(new(name, value));
        }
        else if (EtcdFlags.Accumulates(name) && flags[before].Value.Length > 0 && value.Length > 0)
        {
            flags[before] = new(name, flags[before].Value == value ? value : $"{flags[before].Value},{value}");
        }
        else if (flags[before].Value != value)
        {
            problems.Add($"--{name} stands twice, as '{flags[before].Value}' and as '{value}', expected it once: etcd takes the last. Remove the wrong one.");
            flags[before] = new(name, value);
        }
    }

    [GeneratedRegex(@"^--?(?<name>[A-Za-z0-9][A-Za-z0-9._-]*)(?:=(?<value>.*))?\z", RegexOptions.Singleline | RegexOptions.CultureInvariant)]
    private static partial Regex Flag();
}
