using System.Diagnostics;
using System.Runtime.InteropServices;
using System.Security.Cryptography;
using EtcdFleet.Lab.StandIns.Runtime;

namespace EtcdFleet.Lab.StandIns.Kubelet;

/// <summary>Starts a Pod's container as a process, in a session and control groups of its own, and sends it signals.</summary>
internal sealed partial class ContainerStarter(StandInOptions options, ContainerStore store, TimeProvider time)
{
    /// <summary>SIGTERM.</summary>
    public const int Terminate = 15;

    /// <summary>SIGKILL.</summary>
    public const int Kill = 9;

    /// <summary>Becomes the program: same process id, so that whoever started it still knows it. $1 group or empty, $2 log.</summary>
    private const string Script = "[ -z \"$1\" ] || echo $$ >\"$1/cgroup.procs\"; log=$2; shift 2; exec setsid \"$@\" >>\"$log\" 2>&1 </dev/null";

    /// <summary>Starts the container.</summary>
    /// <exception cref="IOException">Its image, or the program in it, is not there (the kubelet's ErrImagePull).</exception>
    public ContainerRecord Start(StaticPod pod, int attempt)
    {
        var image = Path.Combine(options.Images, Path.GetFileName(pod.Image).Replace(':', '-'));
        var program = Path.Combine(image, pod.Command[0].TrimStart('/'));
        if (!File.Exists(program))
        {
            throw new IOException($"image {pod.Image} has no {pod.Command[0]}: {program} is missing");
        }

        var id = RandomNumberGenerator.GetHexString(64, lowercase: true);
        var group = options.ControlGroups is { } root ? Directory.CreateDirectory(Path.Combine(root, $"pod{pod.Uid}", id)).FullName : "";
        var log = Path.Combine(Directory.CreateDirectory(Path.Combine(options.Logs, $"{pod.Namespace}_{pod.Name}_{pod.Uid}", pod.ContainerName)).FullName, $"{attempt}.log");
        string[] environment = [$"PATH={image}:/usr/bin:/bin", $"HOSTNAME={options.Node}", .. pod.Environment.Select(e => $"{e.Key}={e.Value}")];
        var start = new ProcessStartInfo("sh", ["-c", Script, "sh", group, log, "env", "-i", .. environment, program, .. pod.Command.Skip(1)]);
        var process = Process.Start(start)!;
        var record = new ContainerRecord
        {
            Id = id,
            PodUid = pod.Uid,
            PodNamespace = pod.Namespace,
            PodName = pod.Name,
            Name = pod.ContainerName,
            Image = pod.Image,
            Attempt = attempt,
            GraceSeconds = pod.GraceSeconds,
            ProcessId = process.Id,
            ProcessStarted = ProcessInfo.StartedOf(process.Id) ?? 0,
            CreatedAt = time.GetUtcNow().ToUnixTimeMilliseconds() * 1_000_000,
        };
        store.Add(record);
        return record;
    }

    /// <summary>Sends a signal, unless the process is gone.</summary>
    public static void Signal(ContainerRecord container, int signal)
    {
        if (container.IsRunning)
        {
            _ = KillNative(container.ProcessId, signal);
        }
    }

    [LibraryImport("libc", EntryPoint = "kill")]
    private static partial int KillNative(int id, int signal);
}
