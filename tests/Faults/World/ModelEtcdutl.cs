using System.Globalization;
using System.Security.Cryptography;
using System.Text;
using EtcdFleet.Agent.Host;
using EtcdFleet.Faults.Etcd;

namespace EtcdFleet.Faults.World;

/// <summary>etcdutl on the model's files: it opens a snapshot, and makes a data dir of one (FACTS 24). Both ids of the new cluster are made of what it is told, as etcd makes them.</summary>
/// <remarks>A restore has two parts, since its caller may end in the middle: what the first one leaves is no data dir yet.</remarks>
internal static class ModelEtcdutl
{
    private const string Help = "Restores an etcd member snapshot to an etcd directory\n      --bump-revision uint\n      --mark-compacted\n";

    public static bool Restores(IReadOnlyList<string> arguments) => arguments is ["snapshot", "restore", ..] && !arguments.Contains("--help");

    public static ProgramResult? Run(IReadOnlyList<string> arguments) => arguments switch
    {
        ["snapshot", "restore", .., "--help"] => new(0, Help, ""),
        ["snapshot", "status", var snapshot, ..] => Status(snapshot),
        _ => null,
    };

    /// <summary>As far as the names go: the files have nothing in them yet.</summary>
    public static ProgramResult? Begin(IReadOnlyList<string> arguments)
    {
        try
        {
            if (ModelSnapshot.Parse(File.ReadAllBytes(arguments[2])) is null)
            {
                return Error("expected sha256 of the snapshot's content");
            }

            var target = Value(arguments, "--data-dir");
            if (Directory.Exists(target) && Directory.EnumerateFileSystemEntries(target).Any())
            {
                return Error($"data-dir \"{target}\" not empty or could not be read");
            }

            Directory.CreateDirectory(Path.Combine(target, "member", "wal"), Private);
            Directory.CreateDirectory(Path.Combine(target, "member", "snap"), Private);
            File.WriteAllText(Database(target), "");
            return null;
        }
        catch (IOException full)
        {
            return Error(full.Message);
        }
    }

    public static ProgramResult Finish(IReadOnlyList<string> arguments)
    {
        try
        {
            var target = Value(arguments, "--data-dir");
            File.WriteAllText(Path.Combine(target, "member", "wal", "0000000000000000-0000000000000000.wal"), "a log");
            File.WriteAllText(Database(target), Made(arguments, ModelSnapshot.Parse(File.ReadAllBytes(arguments[2]))!).Text);
            return new(0, "", "");
        }
        catch (IOException full)
        {
            return Error(full.Message);
        }
    }

    private const UnixFileMode Private = UnixFileMode.UserRead | UnixFileMode.UserWrite | UnixFileMode.UserExecute;

    private static string Database(string dataDir) => Path.Combine(dataDir, "member", "snap", "db");

    private static ProgramResult Status(string snapshot) => File.ReadAllBytes(snapshot) is var file && ModelSnapshot.Parse(file) is { } content
        ? new(0, string.Create(CultureInfo.InvariantCulture, $$"""{"hash":1,"revision":{{content.Revision}},"totalKey":{{content.Keys.Count}},"totalSize":{{file.Length}},"version":"3.6.0"}"""), "")
        : new(1, "", "Error: snapshot file is damaged\n");

    private static MemberData Made(IReadOnlyList<string> arguments, ModelSnapshot snapshot)
    {
        var (cluster, token) = (Value(arguments, "--initial-cluster"), Value(arguments, "--initial-cluster-token"));
        var members = cluster.Split(',').Select(member => member.Split('=', 2)).Select(part => new MemberIdentity(part[0], Number($"{part[1]}{token}"), part[1])).ToList();
        return new()
        {
            Id = $"{Guid.NewGuid():N}", Name = Value(arguments, "--name"), ClusterId = Number(string.Join(' ', members.Select(member => member.Id).Order())), Members = members,
            First = snapshot.Revision + (arguments.Contains("--mark-compacted") ? long.Parse(Value(arguments, "--bump-revision"), CultureInfo.InvariantCulture) : 0), Keys = snapshot.Keys,
        };
    }

    private static ulong Number(string text) => BitConverter.ToUInt64(SHA256.HashData(Encoding.UTF8.GetBytes(text)));

    private static string Value(IReadOnlyList<string> arguments, string flag) => arguments.SkipWhile(word => word != flag).ElementAt(1);

    private static ProgramResult Error(string message) => new(1, "", $"Error: {message}\n");
}
