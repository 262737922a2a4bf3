using System.Diagnostics;
using System.Text;
using EtcdFleet.Agent.Kube;
using EtcdFleet.Agent.V1;

namespace EtcdFleet.Agent.Tests.Kube;

/// <summary>Whatever lies in the folder of manifests: a fault or a manifest, soon, and never anything else.</summary>
public sealed class HostileManifestTests
{
    private static readonly TimeSpan Soon = TimeSpan.FromSeconds(5);

    public static TheoryData<string, byte[]> Hostile => new()
    {
        { "a billion laughs", Encoding.UTF8.GetBytes(Laughs(30)) },
        { "laughs as keys", Encoding.UTF8.GetBytes(Laughs(30) + "? *a29\n: x\n") },
        { "too long", new byte[EtcdManifestReader.MaxBytes + 1] },
        { "deep lists", Encoding.UTF8.GetBytes(new string('[', 200_000)) },
        { "deep maps", Encoding.UTF8.GetBytes(string.Concat(Enumerable.Repeat("{a: ", 50_000))) },
        { "deep by indentation", Encoding.UTF8.GetBytes(string.Concat(Enumerable.Range(0, 500).Select(depth => $"{new string(' ', depth)}a:\n"))) },
        { "many nodes", Encoding.UTF8.GetBytes("a: [" + string.Join(',', Enumerable.Repeat("b", 100_000)) + "]") },
        { "many questions", Encoding.UTF8.GetBytes(string.Concat(Enumerable.Repeat("? ", 100_000))) },
        { "many dashes", Encoding.UTF8.GetBytes(string.Concat(Enumerable.Repeat("- ", 100_000))) },
        { "one long line", Encoding.UTF8.GetBytes("a: \"" + new string('x', 250_000)) },
        { "zeros", new byte[1000] },
        { "binary", [.. Enumerable.Range(0, 256).Select(value => (byte)value)] },
        { "half a character", [0x61, 0x3a, 0x20, 0xc3] },
        { "UTF-16", Encoding.Unicode.GetPreamble().Concat(Encoding.Unicode.GetBytes("kind: Pod")).ToArray() },
        { "an anchor's flood", Encoding.UTF8.GetBytes(string.Concat(Enumerable.Range(0, 15_000).Select(number => $"a{number}: &b{number} c\n"))) },
        { "a directive", Encoding.UTF8.GetBytes("%YAML 9.9\n---\nkind: Pod\n") },
        { "a tag's flood", Encoding.UTF8.GetBytes("a: !" + new string('!', 100_000)) },
    };

    [Theory]
    [MemberData(nameof(Hostile))]
    public void Read_Hostile_IsUnreadableSoon(string what, byte[] content)
    {
        var clock = Stopwatch.StartNew();

        var fault = Assert.Throws<AgentFault>(() => EtcdManifestReader.Read(content, what));

        Assert.Equal(FaultReason.ManifestUnreadable, fault.Reason);
        Assert.True(fault.Message.Length < 1000, $"the message has {fault.Message.Length} characters");
        Assert.True(clock.Elapsed < Soon, $"it took {clock.Elapsed}");
        Assert.False(EtcdManifestReader.IsEtcdPod(content));
    }

    [Theory]
    [InlineData(1)]
    [InlineData(2)]
    [InlineData(3)]
    [InlineData(4)]
    public void Read_ThousandsOfMutations_GiveAManifestOrAFault(int seed)
    {
        var random = new Random(seed);
        var good = Encoding.UTF8.GetBytes(KubeadmPods.WithEnvironment("- {name: GODEBUG, value: \"x509sha1=1\"}"));
        for (var round = 0; round < 1500; round++)
        {
            var content = Mutated(good, random);
            try
            {
                var manifest = EtcdManifestReader.Read(content, "mutated");
                Assert.NotNull(manifest.Problem);
            }
            catch (AgentFault fault)
            {
                Assert.Equal(FaultReason.ManifestUnreadable, fault.Reason);
            }
            catch (Exception other)
            {
                Assert.Fail($"seed {seed}, round {round}: {other}\n{Encoding.UTF8.GetString(content)}");
            }
        }
    }

    private static byte[] Mutated(byte[] good, Random random)
    {
        var content = good.ToList();
        for (var change = random.Next(1, 6); change > 0; change--)
        {
            var at = random.Next(content.Count);
            switch (random.Next(5))
            {
                case 0:
                    content[at] = (byte)random.Next(256);
                    break;
                case 1:
                    content.RemoveRange(at, Math.Min(random.Next(1, 40), content.Count - at));
                    break;
                case 2:
                    content.InsertRange(at, content.GetRange(at, Math.Min(random.Next(1, 60), content.Count - at)));
                    break;
                case 3:
                    content.InsertRange(at, Encoding.UTF8.GetBytes(Words[random.Next(Words.Length)]));
                    break;
                default:
                    content.RemoveRange(at, content.Count - at);
                    content.Add((byte)'\n');
                    break;
            }
        }

        return [.. content];
    }

    private static readonly string[] Words =
        ["\n", ": ", "- ", "&a ", "*a", "[", "]", "{", "}", "? ", "!!x ", "|\n", ">-\n", "'", "\"", "#", "%", "---\n", "...\n", "\t", "\0", "\\", "null", "~", "--name", "$(A)", "\r", "\u0085", "\uFEFF", "<<: "];

    private static string Laughs(int levels) =>
        "a0: &a0 [x, x]\n" + string.Concat(Enumerable.Range(1, levels - 1).Select(level => $"a{level}: &a{level} [*a{level - 1}, *a{level - 1}, *a{level - 1}]\n"));
}
