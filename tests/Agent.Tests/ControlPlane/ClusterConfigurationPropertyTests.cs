using EtcdFleet.Agent.ControlPlane;

namespace EtcdFleet.Agent.Tests.ControlPlane;

/// <summary>Configurations that nobody thought of, the same ones on every run.</summary>
public sealed class ClusterConfigurationPropertyTests
{
    private static readonly string[] Keys =
    [
        "apiServer", "caCertificateValidityPeriod", "certificateValidityPeriod", "clusterName", "controlPlaneEndpoint", "controllerManager", "dns", "encryptionAlgorithm", "etcdBackup", "etc", "featureGates",
        "imageRepository", "networking", "proxy", "scheduler", "someNewField", "zeta",
    ];

    private static readonly string[] Words = ["a", "\"30\"", "'it''s'", "10.97.0.0/16", "true", "~", "\"etcd: x\"", "https://10.66.0.11:2379", "'#'", "a b  c", "\"\\u00e4\"", "-1", "[]", "{}", "{etcd: {local: {}}}", "[etcd, {a: b}]"];

    private static readonly string[] Blocks =
    [
        "",
        "etcd: {local: {dataDir: /var/lib/etcd}}\n",
        "etcd:\n  local: {dataDir: /var/lib/etcd} # as ever\n",
        "etcd:\n  # a remark\n  local:\n    dataDir: /var/lib/etcd\n\n    extraArgs:\n    - name: a\n      value: b\n",
        "etcd: # a remark\n  local:\n# at the margin\n    serverCertSANs: [a, b]\n",
        "etcd:   \n    local:\n        dataDir: |\n            /var/lib/etcd\n",
        "etcd:\n  external:\n    endpoints:\n    - https://10.66.0.9:2379\n    caFile: /a\n    certFile: /b\n    keyFile: /c\n",
    ];

    [Fact]
    public void AnyConfiguration_ThereAndBack_IsTheSameBytes()
    {
        var random = new Random(20261123);
        for (var i = 0; i < 1000; i++)
        {
            var (head, block, tail) = Generate(random);
            var text = head + block + tail;
            var before = ClusterConfiguration.Parse(text);
            string[] endpoints = [.. Enumerable.Range(1, random.Next(1, 6)).Select(node => $"https://10.66.{random.Next(256)}.{node}:2379")];

            var after = before.WithExternalEtcd(endpoints, random.Next(2) == 0);

            Assert.Empty(before.DifferencesBesideEtcd(after));
            Assert.Equal(endpoints, after.Endpoints);
            Assert.Equal(text, after.WithEtcdOf(before).Text);
            if (block.Length > 0)
            {
                Assert.StartsWith(head, after.Text, StringComparison.Ordinal);
                Assert.EndsWith(tail, after.Text, StringComparison.Ordinal);
            }
        }
    }

    /// <summary>A text in three parts: what comes before etcd's block, the block, and what comes after it.</summary>
    private static (string Head, string Block, string Tail) Generate(Random random)
    {
        string[] fields = ["apiVersion: kubeadm.k8s.io/v1beta4\n", "kind: ClusterConfiguration\n", "kubernetesVersion: v1.35.6\n", .. Keys.Where(_ => random.Next(3) == 0).Select(key => Field(random, key))];
        random.Shuffle(fields);
        var at = random.Next(fields.Length + 1);
        string[] parts =
        [
            (random.Next(4) switch { 0 => "---\n", 1 => "# a head\n\n", _ => "" }) + string.Concat(fields.Take(at)),
            Blocks[random.Next(Blocks.Length)],
            string.Concat(fields.Skip(at)),
        ];
        return random.Next(4) switch
        {
            0 => (parts[0].Replace("\n", "\r\n"), parts[1].Replace("\n", "\r\n"), parts[2].Replace("\n", "\r\n")),
            1 when parts[2].Length > 0 => (parts[0], parts[1], parts[2][..^1]),
            1 when parts[1].Length > 0 => (parts[0], parts[1][..^1], ""),
            1 => (parts[0][..^1], "", ""),
            _ => (parts[0], parts[1], parts[2]),
        };
    }

    private static string Field(Random random, string key) => (random.Next(5) switch
    {
        0 => $"{key}:\n- {Word(random)}\n- {Word(random)}\n", // a list at the margin
        1 => $"{key}:\n  inner:\n    etcd: {Word(random)}\n",
        2 => $"{key}: |\n  a text\n  etcd: of several lines\n",
        3 => $"{key}: {Word(random)} # etcd: a remark\n",
        _ => $"{key}: {Word(random)}\n",
    }) + random.Next(6) switch { 0 => "# a remark\n", 1 => "\n", _ => "" };

    private static string Word(Random random) => Words[random.Next(Words.Length)];
}
