using System.Text.Json;
using EtcdFleet.Coordinator.Engine;
using EtcdFleet.Shared;

namespace EtcdFleet.Coordinator.Cluster;

/// <summary>A copy in a folder of this machine, or of a share that is mounted here: the cluster's whole content, and so 0600 in a folder that is 0700.</summary>
internal static class SnapshotCopy
{
    private const UnixFileMode Private = UnixFileMode.UserRead | UnixFileMode.UserWrite;

    /// <summary>Writes it under a temporary name, reads it again from the disk, and gives it its name with what is known of it beside it.</summary>
    /// <param name="folder">Made if it is missing. One that is there keeps its owner and mode.</param>
    /// <param name="facts">Of the snapshot.</param>
    /// <param name="parts">Its bytes.</param>
    /// <param name="report">Told how many bytes have come.</param>
    /// <param name="cancellationToken">Ends it; no file has the name then.</param>
    /// <returns>Its path.</returns>
    /// <exception cref="StepFault">What lies there is not what was sent, or another file has the name.</exception>
    public static async Task<string> WriteAsync(string folder, CopyFacts facts, IAsyncEnumerable<ReadOnlyMemory<byte>> parts, Action<ulong> report, CancellationToken cancellationToken)
    {
        Directory.CreateDirectory(folder, Private | UnixFileMode.UserExecute);
        var path = Path.Combine(folder, Path.GetFileName(facts.Name));
        if (File.Exists(path))
        {
            return await LookAsync(path, cancellationToken) is { Problem.Length: 0 } there && there.Sha256 == facts.Sha256
                ? path
                : throw new StepFault($"{path} is there and is another file than {facts.Name} with SHA-256 {facts.Sha256}, expected the same or none: set it aside");
        }

        var temporary = path + ".part";
        try
        {
            await FillAsync(temporary, parts, report, cancellationToken);
            // From the disk, or the share, and not from what was sent: a copy that was never read may not be one.
            var found = await LookAsync(temporary, cancellationToken);
            if (found.Sha256 != facts.Sha256)
            {
                throw new StepFault($"the copy of {facts.Name} in {folder} has SHA-256 {found.Sha256} and {found.Size} bytes, expected {facts.Sha256} and {facts.Size}; no file has its name. Run it again; if it stays so, look at the disk");
            }

            AtomicFile.Write($"{path}.json", JsonSerializer.SerializeToUtf8Bytes(facts, SnapshotJson.Default.CopyFacts));
            AtomicFile.Rename(temporary, path);
            return path;
        }
        finally
        {
            File.Delete(temporary); // under this name only when something failed: it holds Secrets
        }
    }

    /// <summary>Its digests, read from the disk.</summary>
    public static async Task<SnapshotDigest> LookAsync(string path, CancellationToken cancellationToken)
    {
        await using var file = new FileStream(path, FileMode.Open, FileAccess.Read, FileShare.Read, bufferSize: 0, FileOptions.SequentialScan | FileOptions.Asynchronous);
        return await SnapshotDigest.OfAsync(file, cancellationToken);
    }

    /// <summary>What is known of a copy; null: nothing, it is of another one, or it is what no agent says: the folder may be a share that others write to.</summary>
    public static CopyFacts? Facts(string path)
    {
        try
        {
            var facts = File.Exists($"{path}.json") ? JsonSerializer.Deserialize(File.ReadAllBytes($"{path}.json"), SnapshotJson.Default.CopyFacts) : null;
            return facts?.Name == Path.GetFileName(path) && SnapshotAnswer.Problem(facts.Message()) is null ? facts : null;
        }
        catch (Exception problem) when (problem is IOException or JsonException or UnauthorizedAccessException)
        {
            return null;
        }
    }

    /// <summary>A file's bytes in parts.</summary>
    public static async IAsyncEnumerable<ReadOnlyMemory<byte>> PartsAsync(Stream stream, [System.Runtime.CompilerServices.EnumeratorCancellation] CancellationToken cancellationToken)
    {
        var buffer = new byte[256 * 1024];
        while (await stream.ReadAsync(buffer, cancellationToken) is > 0 and var count)
        {
            yield return buffer.AsMemory(0, count);
        }
    }

    private static async Task FillAsync(string temporary, IAsyncEnumerable<ReadOnlyMemory<byte>> parts, Action<ulong> report, CancellationToken cancellationToken)
    {
        await using var file = new FileStream(temporary, new FileStreamOptions { Mode = FileMode.Create, Access = FileAccess.Write, UnixCreateMode = Private, Options = FileOptions.Asynchronous });
        var done = 0UL;
        await foreach (var part in parts.WithCancellation(cancellationToken))
        {
            await file.WriteAsync(part, cancellationToken);
            report(done += (ulong)part.Length);
        }

        await file.FlushAsync(cancellationToken);
        RandomAccess.FlushToDisk(file.SafeFileHandle);
    }
}
