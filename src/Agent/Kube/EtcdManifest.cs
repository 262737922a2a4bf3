namespace EtcdFleet.Agent.Kube;

/// <summary>The static Pod of etcd, as its manifest says it: the source of everything that systemd's etcd must be equal to (FACTS 9).</summary>
internal sealed record EtcdManifest
{
    /// <summary>etcd's own flags, in the manifest's order, without dashes. A flag without a value has "true".</summary>
    public required IReadOnlyList<KeyValuePair<string, string>> Flags { get; init; }

    /// <summary>The container's environment, plain values only.</summary>
    public required IReadOnlyList<KeyValuePair<string, string>> Environment { get; init; }

    public required string Image { get; init; }

    /// <summary>From the image's tag ("3.6.6-0" is 3.6.6); empty where the tag is not a version.</summary>
    public required string Version { get; init; }

    /// <summary>--name, or ETCD_NAME; etcd's default is "default".</summary>
    public required string Name { get; init; }

    /// <summary>--data-dir, as the host names it.</summary>
    public required string DataDir { get; init; }

    /// <summary>--listen-client-urls.</summary>
    public required IReadOnlyList<Uri> ListenClientUrls { get; init; }

    /// <summary>--listen-peer-urls.</summary>
    public required IReadOnlyList<Uri> ListenPeerUrls { get; init; }

    /// <summary>--advertise-client-urls.</summary>
    public required IReadOnlyList<Uri> AdvertiseClientUrls { get; init; }

    /// <summary>--key-file, --peer-key-file and their client-… kin: the keys that etcd's user must be able to read (FACTS 10).</summary>
    public required IReadOnlyList<string> KeyFiles { get; init; }

    /// <summary>--cert-file, --peer-cert-file, --trusted-ca-file, --peer-trusted-ca-file and their client-… kin, as the host names them.</summary>
    public required IReadOnlyList<string> CertificateFiles { get; init; }

    /// <summary>What the Pod has and the unit will not have, without harm to etcd; each with its reason.</summary>
    public IReadOnlyList<string> Dropped { get; init; } = [];

    /// <summary>Why this Pod has no equal under systemd; empty when it has. All reasons, one a line.</summary>
    public required string Problem { get; init; }

    /// <summary>A flag's value, or null where the manifest does not set it.</summary>
    public string? Flag(string name) => Flags.LastOrDefault(flag => flag.Key == name) is { Key: not null } found ? found.Value : null;
}
