using EtcdFleet.Agent.Operations;
using EtcdFleet.Agent.V1;

namespace EtcdFleet.Agent.Endpoints;

/// <summary>Audits connections that were turned away: one record a second for each kind of problem, which says how many there were since the one before.</summary>
/// <remarks>A flood of strangers must not fill the disk, and nobody hides in it who comes with another problem.</remarks>
internal sealed class DeniedHandshakes(AuditLog audit, TimeProvider time)
{
    /// <summary>A stranger chooses the subject of a certificate: no more than this of it is written.</summary>
    private const int LongestName = 200;

    private static readonly TimeSpan Second = TimeSpan.FromSeconds(1);

    private readonly Lock _gate = new();
    private readonly Dictionary<HandshakeProblem, Last> _last = [];

    /// <summary>Counts a connection, and writes a record unless one of its kind was written within the last second.</summary>
    /// <param name="kind">What is wrong.</param>
    /// <param name="caller">The subject of the certificate, or "nobody".</param>
    /// <param name="from">Its address.</param>
    /// <param name="detail">The same problem in words.</param>
    public void Record(HandshakeProblem kind, string caller, string from, string detail)
    {
        Telemetry.Denied.Add(1, new KeyValuePair<string, object?>("reason", "handshake"));
        if (TryTake(kind, out var suppressed))
        {
            audit.Write(new()
            {
                What = "denied", Caller = caller.Length > LongestName ? caller[..LongestName] + "…" : caller, From = from, Rpc = "connection",
                Outcome = nameof(FaultReason.Permission), Detail = detail, Suppressed = suppressed,
            });
        }
    }

    private bool TryTake(HandshakeProblem kind, out long suppressed)
    {
        lock (_gate)
        {
            var now = time.GetTimestamp();
            suppressed = 0;
            if (_last.TryGetValue(kind, out var last))
            {
                if (time.GetElapsedTime(last.Written, now) < Second)
                {
                    _last[kind] = last with { Suppressed = last.Suppressed + 1 };
                    return false;
                }

                suppressed = last.Suppressed;
            }

            _last[kind] = new(now, 0);
            return true;
        }
    }

    /// <param name="Written">When the last record of the kind was written, as a timestamp.</param>
    /// <param name="Suppressed">How many were turned away since.</param>
    private readonly record struct Last(long Written, long Suppressed);
}
