using System.Text.Json.Serialization;
using EtcdFleet.Agent.Etcd;
using EtcdFleet.Agent.Leases;
using EtcdFleet.Agent.Verbs.Releases;
using EtcdFleet.Agent.Verbs.Snapshots;

namespace EtcdFleet.Agent;

/// <summary>How the agent writes what it knows beside its files; undo records have a form of their own.</summary>
[JsonSourceGenerationOptions(WriteIndented = true, PropertyNamingPolicy = JsonKnownNamingPolicy.SnakeCaseLower, RespectRequiredConstructorParameters = true, RespectNullableAnnotations = true)]
[JsonSerializable(typeof(KnownMember[]))]
[JsonSerializable(typeof(LeaseState))]
[JsonSerializable(typeof(CachedRelease))]
[JsonSerializable(typeof(SnapshotFacts))]
internal sealed partial class StateJson : JsonSerializerContext;
