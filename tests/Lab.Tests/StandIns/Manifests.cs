namespace EtcdFleet.Lab.Tests.StandIns;

/// <summary>Manifests that are as small as can be.</summary>
internal static class Manifests
{
    public static string Pod(string name = "etcd", string argument = "one", int? grace = null) =>
        $"""
        apiVersion: v1
        kind: Pod
        metadata:
          name: {name}
          namespace: kube-system
        spec:
          containers:
          - command: [etcd, {argument}]
            image: registry.k8s.io/etcd:3.5.16-0
            name: etcd
        {(grace is { } seconds ? $"  terminationGracePeriodSeconds: {seconds}" : "")}
        """;
}
