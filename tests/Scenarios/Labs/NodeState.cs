using System.Globalization;
using System.Text.Json;
using EtcdFleet.Lab;
using EtcdFleet.Lab.Kubeadm;
using EtcdFleet.Lab.Machines;
using Xunit;

namespace EtcdFleet.Scenarios.Labs;

/// <summary>What a node is, as far as a migration could change it; looked at by the shell and by etcdctl, never through EtcdFleet.</summary>
internal sealed record NodeState
{
    /// <summary>Files, folders and links of /etc/kubernetes, /etc/etcd, /etc/systemd/system and /usr/local/bin.</summary>
    public required IReadOnlyDictionary<string, FileState> Files { get; init; }

    /// <summary>Mode and owner of the data dir and everything in it.</summary>
    public required IReadOnlyDictionary<string, string> DataOwners { get; init; }

    /// <summary>Every etcd process: its id and when it was started.</summary>
    public required IReadOnlyList<string> EtcdProcesses { get; init; }

    /// <summary>ActiveState, MainPID and AssertResult of etcd.service.</summary>
    public required IReadOnlyDictionary<string, string> Unit { get; init; }

    /// <summary>The answering member: cluster id, member id, name.</summary>
    public required string Member { get; init; }

    /// <summary>etcd.yaml where the kubelet sees it; null when it is not there.</summary>
    public FileState? Manifest => Files.GetValueOrDefault(EtcdManifest.Path);

    /// <summary>What lies in the stash.</summary>
    public IEnumerable<string> Stashed => Files.Keys.Where(path => path.StartsWith("/etc/kubernetes/etcdfleet-stash/", StringComparison.Ordinal));

    /// <summary>What kubeadm has made, without the folder that a stash was once in.</summary>
    private IReadOnlyDictionary<string, FileState> Kubernetes => Files
        .Where(file => file.Key.StartsWith("/etc/kubernetes/", StringComparison.Ordinal) && file.Key != "/etc/kubernetes/etcdfleet-stash").ToDictionary();

    private const string Script =
        """
        set -u
        places='/etc/kubernetes /etc/etcd /etc/systemd/system /usr/local/bin'
        echo '[files]'; find $places -printf '%p\t%y %m %U:%G\t%T@ %i\t%l\n' 2>/dev/null
        echo '[digests]'; find $places -type f -exec sha256sum {} + 2>/dev/null
        echo '[data]'; find "$1" -printf '%p\t%m %U:%G\n' 2>/dev/null
        echo '[etcd]'; for p in $(pgrep -x etcd); do echo "$p $(sed 's/.*) //' /proc/$p/stat | cut -d' ' -f20)"; done
        echo '[unit]'; systemctl show etcd.service -p ActiveState -p MainPID -p AssertResult -p UnitFileState
        """;

    /// <summary>Looks at a node.</summary>
    public static async Task<NodeState> OfAsync(RunningLab lab, LabNode node)
    {
        var answer = (await node.RunAsync("sh", "-c", Script, "sh", node.Options.DataDir)).Checked().Output;
        var parts = answer.Split('[', StringSplitOptions.RemoveEmptyEntries).Select(part => part.Split("]\n", 2)).Where(part => part.Length == 2)
            .ToDictionary(part => part[0], part => part[1].Split('\n', StringSplitOptions.RemoveEmptyEntries));
        var digests = parts["digests"].ToDictionary(line => line[66..], line => line[..64]);
        return new()
        {
            Files = parts["files"].Select(line => line.Split('\t')).ToDictionary(f => f[0], f => new FileState(f[1], digests.GetValueOrDefault(f[0], f[3]), f[2])),
            DataOwners = parts["data"].Select(line => line.Split('\t')).ToDictionary(f => f[0], f => f[1]),
            EtcdProcesses = parts["etcd"],
            Unit = parts["unit"].Select(line => line.Split('=', 2)).ToDictionary(f => f[0], f => f[1]),
            Member = await MemberAsync(lab, node),
        };
    }

    /// <summary>Looks at all control-plane nodes.</summary>
    public static async Task<IReadOnlyDictionary<string, NodeState>> OfAllAsync(RunningLab lab) =>
        (await Task.WhenAll(lab.Nodes.Select(async node => (node.Name, State: await OfAsync(lab, node))))).ToDictionary(pair => pair.Name, pair => pair.State);

    /// <summary>Nothing at all was changed, not even by writing the same bytes again.</summary>
    public void AssertUnchanged(NodeState before)
    {
        Assert.Equal(before.Files, Files);
        AssertOwnersAsBefore(before);
        Assert.Equal(before.EtcdProcesses, EtcdProcesses);
        Assert.Equal(before.Unit, Unit);
        Assert.Equal(before.Member, Member);
    }

    /// <summary>Nothing of a cutover reached it: same manifest (inode, time), same process, same owners. Binaries and unit may have been installed.</summary>
    public void AssertNotCutOver(NodeState before)
    {
        Assert.Equal(before.Kubernetes, Kubernetes);
        AssertOwnersAsBefore(before);
        Assert.Equal(before.EtcdProcesses, EtcdProcesses);
        Assert.Equal(before.Member, Member);
        Assert.Equal(before.Unit["MainPID"], Unit["MainPID"]);
    }

    /// <summary>It is on its static Pod again, as it was.</summary>
    public void AssertBackOnItsPod(NodeState before)
    {
        static Dictionary<string, (string, string)> Lasting(NodeState state) => state.Kubernetes.ToDictionary(file => file.Key, file => (file.Value.Kind, file.Value.Content));
        Assert.NotNull(Manifest);
        Assert.Equal(before.Manifest!.Content, Manifest.Content);
        Assert.Equal("f 600 0:0", Manifest.Kind);
        Assert.Equal(Lasting(before), Lasting(this)); // keys with their owners and modes are among these
        Assert.Empty(Stashed);
        Assert.Equal(("inactive", "0"), (Unit["ActiveState"], Unit["MainPID"]));
        AssertOwnersAsBefore(before);
        Assert.Single(EtcdProcesses);
        Assert.Equal(before.Member, Member);
    }

    /// <summary>systemd runs its etcd, the only one; the manifest is in the stash, as it was.</summary>
    public void AssertUnderSystemd(NodeState before)
    {
        Assert.Null(Manifest);
        var stashed = Assert.Single(Files, file => file.Key == "/etc/kubernetes/etcdfleet-stash/etcd.yaml");
        Assert.Equal((before.Manifest ?? before.Files[stashed.Key]).Content, stashed.Value.Content);
        Assert.Equal(("active", "enabled"), (Unit["ActiveState"], Unit["UnitFileState"]));
        Assert.StartsWith(Unit["MainPID"] + " ", Assert.Single(EtcdProcesses));
        Assert.Equal(before.Member, Member);
    }

    private void AssertOwnersAsBefore(NodeState before)
    {
        // etcd makes and removes files in there all the time: those that are in both, and of the others the owner of the folder.
        Assert.Equal(before.DataOwners.Where(file => DataOwners.ContainsKey(file.Key)), DataOwners.Where(file => before.DataOwners.ContainsKey(file.Key)).OrderBy(file => before.DataOwners.Keys.ToList().IndexOf(file.Key)));
        Assert.Single(DataOwners.Values.Select(owner => owner.Split(' ')[1]).Distinct());
    }

    private static async Task<string> MemberAsync(RunningLab lab, LabNode node)
    {
        var status = await lab.Etcd.EtcdctlAsync(node, TestContext.Current.CancellationToken, "endpoint", "status", "--write-out=json");
        if (status.ExitCode != 0)
        {
            return "no answer";
        }

        using var answer = JsonDocument.Parse(status.Output);
        var state = answer.RootElement[0].GetProperty("Status");
        var header = state.GetProperty("header");
        var member = header.GetProperty("member_id").GetUInt64();
        if (state.TryGetProperty("isLearner", out var learner) && learner.GetBoolean())
        {
            return string.Create(CultureInfo.InvariantCulture, $"a learner, {member:x}"); // which lists nobody, and takes 5 s to say so
        }

        var list = await lab.Etcd.EtcdctlAsync(node, TestContext.Current.CancellationToken, "member", "list", "--write-out=json");
        return string.Create(CultureInfo.InvariantCulture, $"cluster {header.GetProperty("cluster_id").GetUInt64():x}, member {member:x} {Name(list.Checked().Output, member)}");
    }

    private static string Name(string list, ulong member)
    {
        using var members = JsonDocument.Parse(list);
        var own = members.RootElement.GetProperty("members").EnumerateArray().Single(one => one.GetProperty("ID").GetUInt64() == member);
        return $"{own.GetProperty("name").GetString()} at {own.GetProperty("peerURLs")[0].GetString()}";
    }
}

/// <summary>A file, a folder or a link.</summary>
/// <param name="Kind">Kind, mode, owner.</param>
/// <param name="Content">SHA-256 of a file, target of a link.</param>
/// <param name="Written">Time of the last change, and inode.</param>
internal sealed record FileState(string Kind, string Content, string Written);
