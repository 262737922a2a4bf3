using System.Text.Json;
using System.Text.Json.Serialization;
using EtcdFleet.Coordinator.Engine;
using EtcdFleet.Shared;

namespace EtcdFleet.Coordinator.Cluster;

/// <summary>What a run's first step took, for the steps that carry it elsewhere: in the run's folder.</summary>
internal static class TakenSnapshots
{
    private const string FileName = "snapshot.json";

    public static void Note(string runFolder, TakenCopy taken) =>
        AtomicFile.Write(Path.Combine(runFolder, FileName), JsonSerializer.SerializeToUtf8Bytes(taken, SnapshotJson.Default.TakenCopy));

    /// <exception cref="StepFault">This run has taken none.</exception>
    public static TakenCopy Of(string runFolder)
    {
        var path = Path.Combine(runFolder, FileName);
        return File.Exists(path) && JsonSerializer.Deserialize(File.ReadAllBytes(path), SnapshotJson.Default.TakenCopy) is { } taken
            ? taken
            : throw new StepFault($"{path} is missing, expected what take-snapshot has written: run it again");
    }
}

/// <summary>A snapshot on a node, and its first copy.</summary>
/// <param name="Node">That took it.</param>
/// <param name="Path">Of the coordinator's copy.</param>
/// <param name="Facts">Of both.</param>
internal sealed record TakenCopy(string Node, string Path, CopyFacts Facts);

[JsonSourceGenerationOptions(WriteIndented = true, PropertyNamingPolicy = JsonKnownNamingPolicy.SnakeCaseLower, RespectRequiredConstructorParameters = true, RespectNullableAnnotations = true)]
[JsonSerializable(typeof(TakenCopy))]
[JsonSerializable(typeof(CopyFacts))]
internal sealed partial class SnapshotJson : JsonSerializerContext;
