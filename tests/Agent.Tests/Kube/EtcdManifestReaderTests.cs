using EtcdFleet.Agent.V1;

namespace EtcdFleet.Agent.Tests.Kube;

public sealed class EtcdManifestReaderTests
{
    [Theory]
    [InlineData(33, "3.5.24", "experimental-initial-corrupt-check", "true")]
    [InlineData(34, "3.6.6", "feature-gates", "InitialCorruptCheck=true")]
    [InlineData(35, "3.6.6", "watch-progress-notify-interval", "5s")]
    public void Read_KubeadmsManifest_HasNoProblemAndEveryFlag(int minor, string version, string flag, string value)
    {
        var manifest = KubeadmPods.Read(KubeadmPods.Kubeadm(minor));

        Assert.Equal("", manifest.Problem);
        Assert.Equal(version, manifest.Version);
        Assert.Equal("cp1", manifest.Name);
        Assert.Equal("/var/lib/etcd", manifest.DataDir);
        Assert.Equal(value, manifest.Flag(flag));
        Assert.Equal(19, manifest.Flags.Count);
        Assert.Equal(["https://127.0.0.1:2379/", "https://10.66.0.11:2379/"], manifest.ListenClientUrls.Select(url => url.ToString()));
        Assert.Equal(["https://10.66.0.11:2380/"], manifest.ListenPeerUrls.Select(url => url.ToString()));
        Assert.Equal(["https://10.66.0.11:2379/"], manifest.AdvertiseClientUrls.Select(url => url.ToString()));
        Assert.Equal(["/etc/kubernetes/pki/etcd/server.key", "/etc/kubernetes/pki/etcd/peer.key"], manifest.KeyFiles);
        Assert.Equal(["/etc/kubernetes/pki/etcd/server.crt", "/etc/kubernetes/pki/etcd/peer.crt", "/etc/kubernetes/pki/etcd/ca.crt"], manifest.CertificateFiles);
        Assert.Empty(manifest.Dropped);
    }

    [Fact]
    public void Read_FlagsKeepTheManifestsOrder() =>
        Assert.Equal(["advertise-client-urls", "cert-file", "client-cert-auth", "data-dir"], KubeadmPods.Read(KubeadmPods.With()).Flags.Take(4).Select(flag => flag.Key));

    [Theory]
    [InlineData("--quota-backend-bytes=8589934592", "quota-backend-bytes", "8589934592")]
    [InlineData("-quota-backend-bytes=8589934592", "quota-backend-bytes", "8589934592")]
    [InlineData("--quota-backend-bytes\n    - \"8589934592\"", "quota-backend-bytes", "8589934592")]
    [InlineData("--enable-pprof", "enable-pprof", "true")]
    [InlineData("-enable-pprof", "enable-pprof", "true")]
    [InlineData("--enable-pprof=false", "enable-pprof", "false")]
    [InlineData("'--cors=https://a.example,https://b.example'", "cors", "https://a.example,https://b.example")]
    [InlineData("--initial-cluster-token=a=b=c", "initial-cluster-token", "a=b=c")]
    [InlineData("\"--initial-cluster-token=two words \\\"quoted\\\" $x #y\"", "initial-cluster-token", "two words \"quoted\" $x #y")]
    public void Read_EveryFormOfAFlag_IsReadAsGoDoes(string item, string name, string value)
    {
        var manifest = KubeadmPods.Read(KubeadmPods.With(item));

        Assert.Equal("", manifest.Problem);
        Assert.Equal(value, manifest.Flag(name));
    }

    [Fact]
    public void Read_CommandAndArgs_AreOneCommandLine()
    {
        var manifest = KubeadmPods.Read(KubeadmPods.Changed("    - etcd\n", "    - /usr/local/bin/etcd\n    args:\n"));

        Assert.Equal("", manifest.Problem);
        Assert.Equal("cp1", manifest.Flag("name"));
    }

    /// <summary>Problems go into faults, reports and journals.</summary>
    [Fact]
    public void Read_EndlessWordsAndProblems_AreSaidInALengthThatCanBeRead()
    {
        var words = string.Join("\n    - ", Enumerable.Range(0, 200).Select(i => $"--x{i}.{new string('x', 1100)}=1"));

        var problem = KubeadmPods.Read(KubeadmPods.With(words)).Problem;

        Assert.InRange(problem.Length, 1000, 60_000);
        Assert.EndsWith("and 150 more", problem, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("--snapshot-count=10000", "")]
    [InlineData("--feature-gates=CompactHashCheck=true", "")]
    [InlineData("--snapshot-count=20000", "--snapshot-count stands twice, as '10000' and as '20000'")]
    public void Read_RepeatedFlag_IsAProblemOnlyWhereItContradicts(string item, string problem) =>
        Assert.StartsWith(problem, KubeadmPods.Read(KubeadmPods.With(item)).Problem);

    [Fact]
    public void Read_RepeatedFeatureGates_AddUpAsInEtcd() =>
        Assert.Equal("InitialCorruptCheck=true,CompactHashCheck=true", KubeadmPods.Read(KubeadmPods.With("--feature-gates=CompactHashCheck=true")).Flag("feature-gates"));

    [Theory]
    [InlineData("--config-file=/etc/etcd.yaml", "--config-file is '/etc/etcd.yaml'")]
    [InlineData("--force-new-cluster", "--force-new-cluster is set")]
    [InlineData("--peer-cert_file=/etc/kubernetes/pki/etcd/peer.crt", "--peer-cert-file and --peer-cert_file would be the same variable")]
    [InlineData("--snapsho..count=10000", "--snapsho..count has a name that systemd does not take")]
    [InlineData("gateway", "the command has 'gateway'")]
    [InlineData("--client-cert-auth\n    - \"true\"", "the command has 'true'")]
    [InlineData("--", "the command has '--'")]
    [InlineData("--some-new-flag", "--some-new-flag is the last argument")]
    [InlineData("--some-new-flag\n    - --pre-vote", "--some-new-flag is followed by '--pre-vote'")]
    [InlineData("--cors=", "--cors is empty")]
    [InlineData("\"--cors=a\\nb\"", "--cors has a line break")]
    [InlineData("--initial-cluster-token=$(POD_NAME)", "the command has '$(' or '$$'")]
    [InlineData("--initial-cluster-token=a$$b", "the command has '$(' or '$$'")]
    [InlineData("--wal-dir=/var/lib/etcd-wal", "--wal-dir is '/var/lib/etcd-wal'")]
    [InlineData("--log-outputs=/var/log/etcd.log", "--log-outputs has '/var/log/etcd.log'")]
    [InlineData("--peer-crl-file=/etc/crl.pem", "--peer-crl-file is '/etc/crl.pem', which no mount brings from the host")]
    [InlineData("--auth-token=jwt,pub-key=/keys/a.pub,priv-key=/keys/a.key,sign-method=RS256", "--auth-token is '/keys/a.pub', which no mount brings from the host")]
    [InlineData("--client-crl-file=crl.pem", "--client-crl-file is 'crl.pem', expected an absolute path")]
    public void Read_FlagWithoutAnEqual_IsAProblem(string item, string problem) =>
        Assert.Contains(problem, KubeadmPods.Read(KubeadmPods.With(item)).Problem);

    [Theory]
    [InlineData("--force-new-cluster=false")]
    [InlineData("--wal-dir=/var/lib/etcd/wal")]
    [InlineData("--log-outputs=stderr")]
    [InlineData("--tls-max-version=")]
    public void Read_FlagWithAnEqual_IsNone(string item) => Assert.Equal("", KubeadmPods.Read(KubeadmPods.With(item)).Problem);

    [Theory]
    [InlineData("    - etcd\n", "    - sh\n    - -c\n    - exec etcd\n", "the command runs 'sh'")]
    [InlineData("    - etcd\n", "    - /bin/bash\n    - -c\n", "the command runs '/bin/bash'")]
    [InlineData("  - command:\n    - etcd\n", "  - args:\n", "has no command")]
    [InlineData("  hostNetwork: true\n", "", "hostNetwork is ''")]
    [InlineData("  hostNetwork: true\n", "  hostNetwork: true\n  initContainers:\n  - name: a\n", "the Pod has initContainers")]
    [InlineData("  - command:\n    - etcd\n", "  - name: sidecar\n    command: [sleep]\n  - command:\n    - etcd\n", "another container, 'sidecar'")]
    [InlineData("    imagePullPolicy: IfNotPresent\n", "    envFrom:\n    - configMapRef: {name: a}\n", "the etcd container has envFrom")]
    [InlineData("    imagePullPolicy: IfNotPresent\n", "    lifecycle: {preStop: {exec: {command: [a]}}}\n", "the etcd container has lifecycle")]
    [InlineData("    - --data-dir=/var/lib/etcd\n", "", "--data-dir is not set")]
    [InlineData("    - --data-dir=/var/lib/etcd\n", "    - --data-dir=default.etcd\n", "--data-dir is 'default.etcd'")]
    [InlineData("    - --listen-peer-urls=https://10.66.0.11:2380\n", "    - --listen-peer-urls=10.66.0.11\n", "--listen-peer-urls has '10.66.0.11'")]
    [InlineData("    - mountPath: /var/lib/etcd\n", "    - mountPath: /elsewhere\n", "--data-dir is '/var/lib/etcd', which no mount brings from the host")]
    [InlineData("  - hostPath:\n      path: /var/lib/etcd\n", "  - hostPath:\n      path: /srv/etcd\n", "--data-dir is '/var/lib/etcd', which is '/srv/etcd' on the host (volume 'etcd-data'")]
    [InlineData("  - hostPath:\n      path: /etc/kubernetes/pki/etcd\n", "  - hostPath:\n      path: /srv/pki\n", "--cert-file is '/etc/kubernetes/pki/etcd/server.crt', which is '/srv/pki/server.crt' on the host")]
    [InlineData("  - hostPath:\n      path: /var/lib/etcd\n      type: DirectoryOrCreate\n", "  - emptyDir: {}\n", "in the volume 'etcd-data', expected a hostPath volume")]
    public void Read_PodWithoutAnEqual_IsAProblem(string from, string to, string problem) =>
        Assert.Contains(problem, KubeadmPods.Read(KubeadmPods.Changed(from, to)).Problem);

    [Fact]
    public void Read_DataDirMountedElsewhere_IsStillNamedAsOnTheHost() =>
        Assert.Equal("/srv/etcd", KubeadmPods.Read(KubeadmPods.Changed("  - hostPath:\n      path: /var/lib/etcd\n", "  - hostPath:\n      path: /srv/etcd\n")).DataDir);

    [Fact]
    public void Read_SeveralProblems_AreAllSaid()
    {
        var problems = KubeadmPods.Read(KubeadmPods.With("--config-file=/a", "--cors=", "--wal-dir=/b")).Problem.Split('\n');

        Assert.Equal(3, problems.Length);
        Assert.All(problems, problem => Assert.Matches(@"\. \w.*\.$", problem)); // found and expected, then what to do
    }

    [Fact]
    public void Read_Environment_KeepsPlainValuesAndSetsWhatFlagsDoNot()
    {
        var manifest = KubeadmPods.Read(KubeadmPods.WithEnvironment("- {name: GODEBUG, value: \"x509sha1=1\"}", "- {name: ETCD_QUOTA_BACKEND_BYTES, value: \"1\"}", "- {name: EMPTY}"));

        Assert.Equal("", manifest.Problem);
        Assert.Equal([new("GODEBUG", "x509sha1=1"), new("ETCD_QUOTA_BACKEND_BYTES", "1"), new("EMPTY", "")], manifest.Environment);
    }

    [Theory]
    [InlineData("- {name: A, valueFrom: {fieldRef: {fieldPath: status.podIP}}}", "the variable A comes from elsewhere")]
    [InlineData("- {name: ETCD_NAME, value: cp1}", "--name and the variable ETCD_NAME are both set")]
    [InlineData("- {name: ETCD_CONFIG_FILE, value: /etc/etcd.yaml}", "--config-file is '/etc/etcd.yaml'")]
    [InlineData("- {name: a.b, value: c}", "has a name that systemd does not take")]
    [InlineData("- {name: NOTIFY_SOCKET, value: c}", "is systemd's own to set")]
    [InlineData("- {name: A, value: \"b\\nc\"}", "has a line break")]
    [InlineData("- {name: A, value: $(HOME)}", "the variable A has '$('")]
    public void Read_VariableWithoutAnEqual_IsAProblem(string line, string problem) =>
        Assert.Contains(problem, KubeadmPods.Read(KubeadmPods.WithEnvironment(line)).Problem);

    [Fact]
    public void Read_VariableTwice_IsAProblemThatKeepsTheSecret()
    {
        var problem = KubeadmPods.Read(KubeadmPods.WithEnvironment("- {name: A, value: one-secret}", "- {name: A, value: another}")).Problem;

        Assert.Contains("the variable A stands twice", problem);
        Assert.DoesNotContain("one-secret", problem);
    }

    [Fact]
    public void Read_NameFromTheEnvironment_IsTheName() =>
        Assert.Equal("cp9", KubeadmPods.Read(KubeadmPods.Changed("    - --name=cp1\n", "").Replace("    imagePullPolicy: IfNotPresent\n", "    env: [{name: ETCD_NAME, value: cp9}]\n")).Name);

    [Fact]
    public void Read_Limits_AreDroppedAndSaid() =>
        Assert.Contains("resources.limits (memory)", Assert.Single(KubeadmPods.Read(KubeadmPods.Changed("    resources:\n", "    resources:\n      limits: {memory: 8Gi}\n")).Dropped));

    [Fact]
    public void Read_Aliases_AreTheSameAsWrittenOut()
    {
        var manifest = KubeadmPods.Read(KubeadmPods.Changed("      path: /var/lib/etcd\n", "      path: &dir /var/lib/etcd\n").Replace("    - --name=cp1\n", "    - &name --name=cp1\n    - *name\n"));

        Assert.Equal("", manifest.Problem);
        Assert.Equal("cp1", manifest.Name);
    }

    [Theory]
    [InlineData("registry.k8s.io/etcd:3.5.16-0", "3.5.16")]
    [InlineData("registry.k8s.io/etcd:3.6.6-0", "3.6.6")]
    [InlineData("gcr.io/etcd-development/etcd:v3.6.6", "3.6.6")]
    [InlineData("localhost:5000/etcd:3.6.0-rc.4", "3.6.0-rc.4")]
    [InlineData("localhost:5000/etcd:3.6.0-rc.4-0", "3.6.0-rc.4")]
    [InlineData("public.ecr.aws/eks-distro/etcd-io/etcd:v3.5.16-eks-1-30-12", "3.5.16")]
    [InlineData("registry.k8s.io/etcd:3.5.16-0@sha256:c6a9d11cc5c04b114ccdef39a9265eeef818e3d02f5359be035ae784097fdec5", "3.5.16")]
    [InlineData("registry.k8s.io/etcd@sha256:c6a9d11cc5c04b114ccdef39a9265eeef818e3d02f5359be035ae784097fdec5", "")]
    [InlineData("localhost:5000/etcd", "")]
    [InlineData("etcd:latest", "")]
    [InlineData("etcd:3.6", "")]
    [InlineData("etcd", "")]
    public void Read_Image_GivesTheVersionWhereItsTagDoes(string image, string version) =>
        Assert.Equal(version, KubeadmPods.Read(KubeadmPods.Changed("registry.k8s.io/etcd:3.6.6-0", image)).Version);

    [Theory]
    [InlineData("", "the file is empty")]
    [InlineData("# nothing\n", "the file is empty")]
    [InlineData("just a word", "expected a Pod")]
    [InlineData("- a\n- b\n", "expected a Pod")]
    [InlineData("kind: Deployment\n", "kind is 'Deployment'")]
    [InlineData("kind: Pod\n", "the Pod has no spec")]
    [InlineData("kind: Pod\nspec:\n  containers: []\n", "none of the Pod's 0 containers")]
    [InlineData("kind: Pod\nspec:\n  containers:\n  - {name: kube-apiserver, command: [kube-apiserver]}\n", "none of the Pod's 1 containers")]
    [InlineData("kind: Pod\nspec:\n  containers: etcd\n", "containers is not a list")]
    [InlineData("kind: Pod\nspec: [a]\n", "spec is not a map")]
    [InlineData("kind: Pod\nkind: Pod\n", "the key 'kind' stands twice")]
    [InlineData("kind: Pod\nspec:\n\tcontainers: []\n", "line ")]
    [InlineData("kind: Pod\nspec: *nowhere\n", "alias *nowhere has no anchor")]
    [InlineData("kind: Pod\nspec: &a [*a]\n", "alias *a has no anchor")]
    [InlineData("kind: Pod\nspec: {<<: {a: b}}\n", "a merge key")]
    [InlineData("kind: Pod\n? [a, b]\n: c\n", "a key is a list or a map")]
    [InlineData("kind: !!binary UG9k\n", "the tag tag:yaml.org,2002:binary")]
    [InlineData("kind: Pod\n---\nkind: Pod\n", "a second document begins")]
    [InlineData("kind: 'Pod\n", "line 1")]
    public void Read_NotAPodOfEtcd_IsUnreadableAndSaysWhy(string text, string problem)
    {
        var fault = Assert.Throws<AgentFault>(() => KubeadmPods.Read(text));

        Assert.Equal(FaultReason.ManifestUnreadable, fault.Reason);
        Assert.StartsWith("/etc/kubernetes/manifests/etcd.yaml: ", fault.Message);
        Assert.Contains(problem, fault.Message);
    }
}
