using System.Diagnostics;
using System.Globalization;

namespace EtcdFleet.Fuzz;

/// <summary><c>./build.sh fuzz [TARGET] [--seconds N] [--seed S] [--input FILE]</c>: the long run.</summary>
internal static class FuzzCommand
{
    /// <returns>0: nothing found. 1: something. 2: not understood.</returns>
    public static int Run(IReadOnlyList<string> arguments)
    {
        var (name, seconds, seed, input) = ("", 60, 1, "");
        for (var at = 0; at < arguments.Count; at++)
        {
            switch (arguments[at])
            {
                case "--seconds" when at + 1 < arguments.Count && int.TryParse(arguments[at + 1], CultureInfo.InvariantCulture, out var given):
                    (seconds, at) = (given, at + 1);
                    break;
                case "--seed" when at + 1 < arguments.Count && int.TryParse(arguments[at + 1], CultureInfo.InvariantCulture, out var given):
                    (seed, at) = (given, at + 1);
                    break;
                case "--input" when at + 1 < arguments.Count:
                    (input, at) = (arguments[at + 1], at + 1);
                    break;
                case var word when name.Length == 0 && FuzzTargets.All.ContainsKey(word):
                    name = word;
                    break;
                default:
                    return Usage(arguments[at]);
            }
        }

        if (input.Length > 0 && name.Length == 0)
        {
            return Usage("--input without a target");
        }

        var found = 0;
        foreach (var make in FuzzTargets.All.Where(target => name.Length == 0 || target.Key == name).Select(target => target.Value))
        {
            var target = make();
            var run = new FuzzRun(target, seed);
            var clock = Stopwatch.StartNew();
            if (input.Length > 0)
            {
                run.Try(File.ReadAllBytes(input));
            }
            else
            {
                run.Until(_ => clock.Elapsed.TotalSeconds > seconds);
            }

            (target as IDisposable)?.Dispose();
            found += run.Findings.Count;
            Console.WriteLine($"{target.Name,-22} {run.Tried,10} inputs  {run.Accepted,10} accepted  {run.Findings.Count,4} findings  seed {seed}  {clock.Elapsed.TotalSeconds:0} s");
            run.Findings.ForEach(Console.WriteLine);
        }

        return found == 0 ? 0 : 1;
    }

    private static int Usage(string wrong)
    {
        Console.Error.WriteLine($"found '{wrong}', expected [TARGET] [--seconds N] [--seed S] [--input FILE]; the targets: {string.Join(", ", FuzzTargets.All.Keys)}");
        return 2;
    }
}
