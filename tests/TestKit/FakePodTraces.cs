using EtcdFleet.Agent.Host;
using EtcdFleet.Agent.Kube;

namespace EtcdFleet.TestKit;

/// <summary>The signs of a static Pod, as a test sets them.</summary>
internal sealed class FakePodTraces : IPodTraces
{
    /// <summary>What is there.</summary>
    public IList<PodSign> Left { get; } = [];

    /// <summary>Called before every look, so that a test can let signs go.</summary>
    public Action? BeforeLook { get; set; }

    public int LockLooks { get; private set; }

    public int FullLooks { get; private set; }

    public bool LockTaken(EtcdManifest manifest)
    {
        LockLooks++;
        BeforeLook?.Invoke();
        return Left.Contains(PodSign.Lock);
    }

    public Task<IReadOnlyList<PodTrace>> LookAsync(EtcdManifest manifest, CancellationToken cancellationToken)
    {
        FullLooks++;
        BeforeLook?.Invoke();
        return Task.FromResult<IReadOnlyList<PodTrace>>([.. Enum.GetValues<PodSign>().Select(sign => Left.Contains(sign)
            ? new PodTrace(sign, Left: true, $"the {sign} is there")
            : new PodTrace(sign, Left: false, $"no {sign}"))]);
    }
}
