namespace EtcdFleet.TestKit;

/// <summary>How far a restore is on a simulated node.</summary>
internal sealed record FakeRestore
{
    public string Run { get; set; } = "";

    public string Sha256 { get; set; } = "";

    public string Token { get; set; } = "";

    /// <summary>As the coordinator said.</summary>
    public long Above { get; set; }

    public bool Ready { get; set; }

    public bool InPlace { get; set; }

    public bool Begun { get; set; }

    public bool Worked { get; set; }

    public bool Returned { get; set; }

    public bool Ended { get; set; }

    /// <summary>The control plane's manifests are stashed.</summary>
    public bool Stashed { get; set; }

    /// <summary>The stashed Pods are gone from here on.</summary>
    public DateTimeOffset GoneFrom { get; set; } = DateTimeOffset.MinValue;

    public string? SetAside { get; set; }

    /// <summary>Of the cluster whose data are in place; empty: of the first one.</summary>
    public string MemberToken { get; set; } = "";

    /// <summary>What the data in place were raised past.</summary>
    public long MemberAbove { get; set; }

    /// <summary>Of the data that were set aside.</summary>
    public string FormerToken { get; set; } = "";

    public long FormerAbove { get; set; }
}
