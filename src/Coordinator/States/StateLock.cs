using EtcdFleet.Coordinator.Leases;
using Etcdserverpb;
using Google.Protobuf;
using Mvccpb;

namespace EtcdFleet.Coordinator.States;

/// <summary>This run's lock in the state's etcd: a key that is bound to a lease, kept alive in the background, and compared in every transaction of the journal.</summary>
/// <remarks>
/// It needs no clock: etcd itself says, in the transaction that takes a record, whether the key is still this run's. Where it ran out and nobody came, as when that etcd
/// was away, it is taken again: the agents' lease, which decides, was this run's all the time (ADR 0015). Where another run's name is in it, it is lost for good.
/// </remarks>
internal sealed class StateLock : IAsyncDisposable
{
    private readonly StateEtcd _etcd;
    private readonly StateKeys _keys;
    private readonly StateHolder _mine;
    private readonly TimeSpan _ttl;
    private readonly LeaseRecord _record;
    private readonly SemaphoreSlim _gate = new(1, 1);
    private readonly ITimer _timer;
    private long _lease;
    private long _revision;
    private volatile bool _released;
    private volatile LeaseLostException? _lost;

    /// <param name="etcd">Where.</param>
    /// <param name="keys">Of the cluster.</param>
    /// <param name="mine">What is in the key.</param>
    /// <param name="ttl">Of the lease; it is renewed three times as often.</param>
    /// <param name="record">Where it is written down what becomes of it.</param>
    /// <param name="time">Of the renewals.</param>
    /// <param name="taken">As <see cref="PutAsync"/> gave it.</param>
    public StateLock(StateEtcd etcd, StateKeys keys, StateHolder mine, TimeSpan ttl, LeaseRecord record, TimeProvider time, (long Lease, long Revision) taken)
    {
        (_etcd, _keys, _mine, _ttl, _record, (_lease, _revision)) = (etcd, keys, mine, ttl, record, taken);
        _timer = time.CreateTimer(_ => _ = RenewAsync(), null, ttl / 3, ttl / 3);
    }

    /// <summary>True in a transaction only as long as the key is the one that this run has put there. Its revision of modification, because a lock that was broken keeps that of its creation.</summary>
    public Compare Compare => Untouched(_keys.Lock, Volatile.Read(ref _revision));

    /// <summary>Says nothing as long as no transaction has said that another run has it. Then no step of this run begins any more, in no lane.</summary>
    /// <exception cref="LeaseLostException">One has.</exception>
    public void ThrowIfLost()
    {
        if (_lost is { } lost)
        {
            throw lost;
        }
    }

    /// <summary>A transaction has said that the key is not this run's any more: it is taken again where nobody has it.</summary>
    /// <exception cref="LeaseLostException">Another run has it.</exception>
    /// <exception cref="StateFault">No good answer.</exception>
    public async Task RegainAsync(CancellationToken cancellationToken)
    {
        await _gate.WaitAsync(cancellationToken);
        try
        {
            ThrowIfLost();
            var (taken, present) = await PutAsync(_etcd, _keys, _mine, _ttl, expected: 0, cancellationToken);
            if (taken is not { } mine)
            {
                var other = StateHolder.Of(present!.Value) is { } holder ? $"{holder}" : "somebody whose name there cannot be read";
                throw _lost = new LeaseLostException($"the lock in {_etcd.Address} was lost: it is another run's now: {other}. This run has changed nothing since, and undone nothing: look at 'etcdfleet status'; 'etcdfleet resume' goes on once that run has ended");
            }

            _lease = mine.Lease;
            Volatile.Write(ref _revision, mine.Revision);
            _record.TakenIn($"{_etcd.Address}, again: it had run out there");
        }
        finally
        {
            _gate.Release();
        }
    }

    /// <summary>Lets it go, so that the next run need not wait until it runs out.</summary>
    public async ValueTask DisposeAsync()
    {
        await _timer.DisposeAsync();
        await _gate.WaitAsync();
        _released = true;
        try
        {
            await _etcd.RevokeAsync(_lease, CancellationToken.None);
        }
        catch (StateFault away)
        {
            _record.Say($"the lock in {_etcd.Address} could not be released, or has run out already ({away.Message})", warning: false);
        }

        _gate.Dispose();
    }

    /// <summary>Puts a holder's name into the key, bound to a new lease, where the key is still as it was seen.</summary>
    /// <param name="etcd">Where.</param>
    /// <param name="keys">Of the cluster.</param>
    /// <param name="mine">Whose name.</param>
    /// <param name="ttl">Of the lease.</param>
    /// <param name="expected">The key's revision of modification; 0: there is none.</param>
    /// <param name="cancellationToken">Ends it.</param>
    /// <returns>The lease and the key's revision; or, where it was not as it was seen, what is there.</returns>
    /// <exception cref="StateFault">No good answer.</exception>
    public static async Task<((long Lease, long Revision)? Taken, KeyValue? Present)> PutAsync(StateEtcd etcd, StateKeys keys, StateHolder mine, TimeSpan ttl, long expected, CancellationToken cancellationToken)
    {
        var lease = await etcd.GrantAsync(ttl, cancellationToken);
        var answer = await etcd.CommitAsync(
            new()
            {
                Compare = { Untouched(keys.Lock, expected) },
                Success = { new RequestOp { RequestPut = new() { Key = keys.Lock, Value = mine.ToValue(), Lease = lease } } },
                Failure = { new RequestOp { RequestRange = new() { Key = keys.Lock } } },
            },
            cancellationToken);
        if (answer.Succeeded)
        {
            return ((lease, answer.Header.Revision), null);
        }

        var present = answer.Responses[0].ResponseRange.Kvs.FirstOrDefault();
        if (present?.Lease == lease)
        {
            return ((lease, present.ModRevision), present); // it was put the first time, and the answer got lost
        }

        await etcd.RevokeAsync(lease, cancellationToken);
        return (null, present);
    }

    private static Compare Untouched(ByteString key, long revision) => new()
    {
        Key = key, Target = Compare.Types.CompareTarget.Mod, Result = Compare.Types.CompareResult.Equal, ModRevision = revision,
    };

    /// <summary>One that finds another one still at work leaves it to that. What fails shows in the next record's transaction.</summary>
    private async Task RenewAsync()
    {
        if (_released || _lost is not null || !await _gate.WaitAsync(TimeSpan.Zero))
        {
            return;
        }

        try
        {
            await _etcd.RenewAsync(_lease, CancellationToken.None);
        }
        catch (StateFault)
        {
            // Away, or slow: it is asked again before the lease runs out, and the next record waits for it.
        }
        finally
        {
            _gate.Release();
        }
    }
}
