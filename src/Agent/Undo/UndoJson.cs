using System.Text.Json.Serialization;
using EtcdFleet.Agent.Verbs.ApiServers;
using EtcdFleet.Agent.Verbs.EtcdEnv;
using EtcdFleet.Agent.Verbs.Kubeadm;
using EtcdFleet.Agent.Verbs.Manifests;
using EtcdFleet.Agent.Verbs.Owners;
using EtcdFleet.Agent.Verbs.Releases;
using EtcdFleet.Agent.Verbs.Restores;
using EtcdFleet.Agent.Verbs.Units;

namespace EtcdFleet.Agent.Undo;

/// <summary>How undo records are written: for programs, and for a person at three in the morning.</summary>
[JsonSourceGenerationOptions(WriteIndented = true, PropertyNamingPolicy = JsonKnownNamingPolicy.SnakeCaseLower, RespectRequiredConstructorParameters = true, RespectNullableAnnotations = true)]
[JsonSerializable(typeof(StashRecord))]
[JsonSerializable(typeof(OwnerRecord))]
[JsonSerializable(typeof(UnitRecord))]
[JsonSerializable(typeof(EnvRecord))]
[JsonSerializable(typeof(ReleaseRecord))]
[JsonSerializable(typeof(ClusterConfigRecord))]
[JsonSerializable(typeof(ApiServerRecord))]
[JsonSerializable(typeof(RestoreRecord))]
internal sealed partial class UndoJson : JsonSerializerContext;
