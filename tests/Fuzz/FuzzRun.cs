using EtcdFleet.TestKit;

namespace EtcdFleet.Fuzz;

/// <summary>Tries inputs on one target, one after the other, and keeps those that found something.</summary>
internal sealed class FuzzRun(FuzzTarget target, int seed)
{
    /// <summary>Nothing that is read here may take longer, on a machine that does much else.</summary>
    private static readonly TimeSpan Limit = TimeSpan.FromSeconds(20);

    /// <summary>Bytes that one input of 64 KiB at most may cost, all that is freed again included.</summary>
    private const long MostBytes = 1L << 30;

    /// <summary>As many findings as end a run: the tenth says no more than the first.</summary>
    private const int Enough = 10;

    public int Tried { get; private set; }

    public int Accepted { get; private set; }

    public List<string> Findings { get; } = [];

    /// <summary>Where inputs that found something are kept.</summary>
    public static string Folder => Root.Of("artifacts", "fuzz");

    /// <summary>The inputs that are kept for a target in the repository.</summary>
    public static IReadOnlyList<byte[]> Corpus(FuzzTarget target)
    {
        var folder = Root.Of("tests", "Fuzz", "Corpus", target.Name);
        return Directory.Exists(folder)
            ? [.. Directory.GetFiles(folder).Order(StringComparer.Ordinal).Select(File.ReadAllBytes)]
            : throw new DirectoryNotFoundException($"{folder} is missing, expected seeds for the target {target.Name}");
    }

    /// <summary>The corpus as it is, and then mutations of it.</summary>
    /// <param name="enough">Asked after each input; what ends the run.</param>
    public FuzzRun Until(Func<FuzzRun, bool> enough)
    {
        var corpus = Corpus(target);
        var mutator = new Mutator(corpus, target.Words, seed);
        for (var i = 0; (i < corpus.Count || !enough(this)) && Findings.Count < Enough; i++)
        {
            Try(i < corpus.Count ? corpus[i] : mutator.Next());
        }

        return this;
    }

    /// <summary>One input.</summary>
    public void Try(byte[] input)
    {
        Tried++;
        // A thread of its own, because one that hangs cannot be ended: the process is, with the input kept.
        using var watch = new Timer(_ => Hang(input), null, Limit, Timeout.InfiniteTimeSpan);
        var before = GC.GetAllocatedBytesForCurrentThread();
        try
        {
            Accepted += target.Try(input) ? 1 : 0;
            var cost = GC.GetAllocatedBytesForCurrentThread() - before;
            if (cost > MostBytes)
            {
                Keep(input, $"it took {cost >> 20} MiB");
            }
        }
        catch (Exception finding)
        {
            Keep(input, finding.ToString());
        }
    }

    private void Hang(byte[] input)
    {
        Keep(input, $"it took more than {Limit.TotalSeconds} s");
        Environment.FailFast($"{target.Name} hangs: {Findings[^1]}");
    }

    private void Keep(byte[] input, string what)
    {
        Directory.CreateDirectory(Folder);
        var file = Path.Combine(Folder, $"{target.Name}-{Convert.ToHexStringLower(System.Security.Cryptography.SHA256.HashData(input))[..12]}");
        File.WriteAllBytes(file, input);
        Findings.Add($"{target.Name}, seed {seed}, input {Tried}, kept as {file} (again: ./build.sh fuzz {target.Name} --input {file}):\n{what}");
    }
}
