using System.Security.Cryptography;
using EtcdFleet.Agent.Endpoints;
using EtcdFleet.Agent.Host;
using EtcdFleet.Agent.V1;
using EtcdFleet.TestKit;
using Google.Protobuf;
using Google.Protobuf.Reflection;

namespace EtcdFleet.Agent.Tests.Host;

/// <summary>Wherever somebody has put a link, a second hard link or a pipe, no verb reaches through it, and none waits for ever. Every mutating verb, one after the other.</summary>
public sealed class PlantedLinkTests : IDisposable
{
    private const string SnapshotName = "etcd-20261125T190000Z-run-1.db";
    private const string Digest = "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855";

    private readonly AgentNode _node = new AgentNode().WithUnit().WithLease();
    private readonly TemporaryFolder _outside = new();

    public static TheoryData<string> EveryPlace() =>
    [
        "the stash folder", "the stashed manifest", "the manifest", "the folder of etcd.env", "etcd.env", "etcd.env to nowhere", "the unit", "the data dir", "a folder in the data dir", "a file in the data dir", "a hard link in the data dir",
        "a pipe in the data dir", "a key", "a hard link to a key", "the snapshots", "a snapshot", "the undo folder", "an undo record", "the operations", "the releases", "a release", "the scratch folder", "a program", "a pipe for a manifest", "a pipe beside the manifest",
    ];

    /// <summary>A request for each mutating rpc that comes as far as its verb's work. A new one fails here until it is thought of.</summary>
    public static IMessage RequestOf(MethodDescriptor rpc) => rpc.Name switch
    {
        "StashManifest" => new StashManifestRequest { Component = Component.Etcd },
        "RestoreManifest" => new RestoreManifestRequest { Component = Component.Etcd },
        "WriteEtcdEnv" => new WriteEtcdEnvRequest(),
        "RemoveEtcdEnv" => new RemoveEtcdEnvRequest(),
        "InstallUnit" => new InstallUnitRequest { Component = Component.Etcd },
        "RemoveUnit" => new RemoveUnitRequest { Component = Component.Etcd },
        "StartUnit" => new StartUnitRequest { Component = Component.Etcd, TimeoutMs = 1 },
        "StopUnit" => new StopUnitRequest { Component = Component.Etcd, AcceptDowntime = true },
        "ChownEtcdFiles" => new ChownEtcdFilesRequest(),
        "RestoreEtcdOwners" => new RestoreEtcdOwnersRequest(),
        "FetchRelease" => new FetchReleaseRequest { Version = "3.6.6", Url = "http://127.0.0.1:1/etcd.tar.gz", Sha256 = Digest },
        "InstallRelease" => new InstallReleaseRequest { Version = "3.6.6" },
        "RemoveRelease" => new RemoveReleaseRequest(),
        "TakeSnapshot" => new TakeSnapshotRequest(),
        "MoveLeader" => new MoveLeaderRequest(),
        "RegenerateApiServer" => new RegenerateApiServerRequest(),
        "RestoreApiServer" => new RestoreApiServerRequest(),
        "UploadClusterConfiguration" => new UploadClusterConfigurationRequest(),
        "RestoreClusterConfiguration" => new RestoreClusterConfigurationRequest(),
        "DrillSnapshot" => new DrillSnapshotRequest { Name = SnapshotName },
        "ReceiveSnapshot" => new ReceiveSnapshotRequest { Snapshot = new() { Name = SnapshotName, Size = 1, Sha256 = Digest, Taken = new() } },
        "PrepareRestore" => new PrepareRestoreRequest
        {
            Name = SnapshotName, Sha256 = Digest, Token = "restored-1234", Members = { new RestoredMember { Name = "cp1", PeerUrls = { "https://10.66.0.11:2380" } } },
        },
        "StopControlPlane" => new StopControlPlaneRequest { Sha256 = Digest },
        "StartControlPlane" => new StartControlPlaneRequest(),
        "StopForRestore" => new StopForRestoreRequest { Sha256 = Digest },
        "SwapDataDir" => new SwapDataDirRequest { Sha256 = Digest },
        "PutBackDataDir" => new PutBackDataDirRequest(),
        "EndRestore" => new EndRestoreRequest(),
        _ => throw new InvalidOperationException($"no request for {rpc.FullName}, expected one here: a verb must be tried with planted links"),
    };

    [Theory]
    [MemberData(nameof(EveryPlace))]
    public async Task EveryVerb_WithALinkInItsWay_LeavesWhatIsBehindItAsItWas(string place)
    {
        Canaries();
        Plant(place);
        var before = Outside();
        await using var agent = await _node.StartAsync();
        agent.Logs.Expect("");
        using var channel = agent.ConnectLocal();

        foreach (var rpc in Policies.Services.SelectMany(service => service.Methods).Where(rpc => rpc.GetOptions()?.GetExtension(CommonExtensions.Policy) is { Mutating: true }))
        {
            var request = RequestOf(rpc);
            rpc.InputType.FindFieldByName("operation").Accessor.SetValue(request, TestLease.Operation($"{rpc.Name}-1234"));
            var answer = await RawRpc.CallAsync(channel, rpc, request.ToByteArray(), TestContext.Current.CancellationToken);

            Assert.Equal(before, Outside());
            Assert.True(answer.Code != Grpc.Core.StatusCode.Unknown, $"{rpc.Name}: {answer.Code} {answer.Text}");
            // Fifteen seconds of a test are over before: it waits for somebody who never comes.
            Assert.True(answer is not { Code: Grpc.Core.StatusCode.DeadlineExceeded, Reason: FaultReason.Unspecified }, $"{rpc.Name} did not end");
        }
    }

    public void Dispose()
    {
        _node.Dispose();
        _outside.Dispose();
    }

    private void Canaries()
    {
        foreach (var folder in (string[])["member", "snap", "wal"])
        {
            Directory.CreateDirectory(_outside.At(folder));
        }

        foreach (var file in (string[])["etcd.yaml", "etcd.env", "etcd.service", "etcd", SnapshotName, "etcd-manifest.json", "secret.key", "member/db", ".left.part"])
        {
            _outside.Write(file, $"what is in {file}");
        }
    }

    private void Plant(string place)
    {
        var root = _node.Root;
        switch (place)
        {
            case "the stash folder": Link(root.Stash, ""); break;
            case "the stashed manifest": Link(root.StashedEtcdManifest, "etcd.yaml"); break;
            case "the manifest": Link(root.EtcdManifest, "etcd.yaml"); break;
            case "the folder of etcd.env": Link(root.EtcdConf, ""); break;
            case "etcd.env": Link(root.EtcdEnv, "etcd.env"); break;
            case "etcd.env to nowhere": Link(root.EtcdEnv, "new.env"); break;
            case "the unit": Link(root.EtcdUnit, "etcd.service"); break;
            case "the data dir": Link(root.At(TempHostRoot.DataDir), ""); break;
            case "a folder in the data dir": Link(root.At($"{TempHostRoot.DataDir}/member/wal"), "wal"); break;
            case "a file in the data dir": Link(root.At($"{TempHostRoot.DataDir}/member/snap/db"), "member/db"); break;
            case "a hard link in the data dir": HardLink(root.At($"{TempHostRoot.DataDir}/member/snap/db"), "member/db"); break;
            case "a pipe in the data dir": Pipe(root.At($"{TempHostRoot.DataDir}/member/snap/pipe")); break;
            case "a key": Link(root.At(TempHostRoot.ServerKey), "secret.key"); break;
            case "a hard link to a key": HardLink(root.At(TempHostRoot.ServerKey), "secret.key"); break;
            case "the snapshots": Link(root.Snapshots, ""); break;
            case "a snapshot": Link(Path.Combine(root.Snapshots, SnapshotName), SnapshotName); break;
            case "the undo folder": Link(Path.Combine(root.State, "undo"), ""); break;
            case "an undo record": Link(Path.Combine(root.State, "undo", "etcd-manifest.json"), "etcd-manifest.json"); break;
            case "the operations": Link(Path.Combine(root.State, "operations"), ""); break;
            case "the releases": Link(Path.Combine(root.State, "releases"), ""); break;
            case "a release": Link(Path.Combine(root.State, "releases", "3.6.6"), ""); break;
            case "the scratch folder": Link(Path.Combine(root.State, "scratch"), ""); break;
            case "a program": Link(Path.Combine(root.Binaries, "etcd"), "etcd"); break;
            case "a pipe for a manifest": Pipe(root.EtcdManifest); break;
            case "a pipe beside the manifest": Pipe(Path.Combine(root.Manifests, "other.yaml")); break;
            default: throw new InvalidOperationException($"nothing is planted for '{place}'");
        }
    }

    private void Link(string path, string target)
    {
        Clear(path);
        File.CreateSymbolicLink(path, _outside.At(target));
    }

    private void HardLink(string path, string target)
    {
        Clear(path);
        Run("ln", _outside.At(target), path);
    }

    private static void Pipe(string path)
    {
        Clear(path);
        Run("mkfifo", path);
    }

    private static void Run(string program, params string[] arguments)
    {
        using var process = System.Diagnostics.Process.Start(program, arguments);
        process.WaitForExit();
        Assert.Equal(0, process.ExitCode);
    }

    private static void Clear(string path)
    {
        Directory.CreateDirectory(Path.GetDirectoryName(path)!);
        if (Directory.Exists(path))
        {
            Directory.Delete(path, recursive: true);
        }

        File.Delete(path);
    }

    /// <summary>Everything behind the links: name, owner, mode, content.</summary>
    private string Outside() => string.Join('\n', Directory.EnumerateFileSystemEntries(_outside.Path, "*", SearchOption.AllDirectories).Append(_outside.Path).Order(StringComparer.Ordinal)
        .Select(path => $"{path[_outside.Path.Length..]} {Native.Stat(path)!.Value.Owner} {(File.Exists(path) ? Convert.ToHexStringLower(SHA256.HashData(File.ReadAllBytes(path))) : "folder")}"));
}
