using EtcdFleet.Coordinator.Engine;
using EtcdFleet.Coordinator.Leases;
using EtcdFleet.Coordinator.Output;
using Etcdserverpb;
using Google.Protobuf;

namespace EtcdFleet.Coordinator.States;

/// <summary>A run's journal in the state's etcd: its second home. No step is applied before its intent is there, and none without the lock.</summary>
/// <remarks>
/// Lines are keys of their own, in their order, with the number of them in the same transaction: a reader sees a beginning of the journal, and never a gap. etcd answers
/// once a majority of its members has them on the disk. While that etcd is away a step waits, and then fails before it begins; an undo does not wait.
/// </remarks>
internal sealed class StateJournal(StateEtcd etcd, Run run, IReporter reporter, TimeProvider time) : IJournalMirror, IDisposable
{
    /// <summary>Bytes of one transaction's lines; etcd takes 1.5 MiB.</summary>
    private const int Part = 512 * 1024;

    /// <summary>Lines of one transaction; etcd takes 128 operations.</summary>
    private const int Most = 100;

    private static readonly TimeSpan Pause = TimeSpan.FromMilliseconds(250);

    /// <summary>How often an undo, whose steps follow each other quickly, asks an etcd that gave no answer.</summary>
    private static readonly TimeSpan Again = TimeSpan.FromSeconds(15);

    private readonly StateKeys _keys = new(etcd.Address.Prefix, run.Fleet.Cluster);
    private readonly Lock _gate = new();
    private readonly List<ByteString> _lines = [];
    private readonly SemaphoreSlim _sending = new(1, 1);
    private readonly StateDocuments _documents = new(etcd, new(etcd.Address.Prefix, run.Fleet.Cluster), run.Id);
    private int _has;
    private volatile bool _away;
    private long _since;
    private long _tried;

    public StateEtcd Etcd => etcd;

    /// <summary>What every record is compared with; null before it is taken.</summary>
    public StateLock? Lock { get; set; }

    /// <summary>What takes the lock for the run whose journal this is.</summary>
    /// <param name="procedure">What the lock is for.</param>
    /// <param name="record">Where it is written down what becomes of it.</param>
    public StateLockTaking Taking(string procedure, LeaseRecord record) => new(etcd, _keys, run, procedure, this, record, time);

    public void Add(ReadOnlySpan<byte> line)
    {
        lock (_gate)
        {
            _lines.Add(ByteString.CopyFrom(line.TrimEnd((byte)'\n')));
        }
    }

    /// <summary>Tries once, whoever has the lock; not at all where that has failed just now. For an undo, which has no time to lose.</summary>
    public Task<bool> ReachMajorityAsync() => _away && time.GetElapsedTime(Volatile.Read(ref _tried)) < Again ? Task.FromResult(false) : FinishAsync();

    /// <summary>Tries once, whoever has the lock: how a run ended is written down as far as it goes.</summary>
    public async Task<bool> FinishAsync()
    {
        await _sending.WaitAsync();
        try
        {
            await SendAsync(guarded: false, CancellationToken.None);
            return true;
        }
        catch (StateFault away)
        {
            SayAway(away);
            return false;
        }
        finally
        {
            _sending.Release();
        }
    }

    /// <exception cref="StepFault">That etcd did not come back within <see cref="RunOptions.AgentReturn"/>.</exception>
    /// <exception cref="LeaseLostException">Another run has the lock there.</exception>
    public async Task EnsureKeptAsync(CancellationToken cancellationToken)
    {
        await _sending.WaitAsync(cancellationToken);
        try
        {
            while (true)
            {
                try
                {
                    Lock?.ThrowIfLost();
                    await SendAsync(guarded: true, cancellationToken);
                    return;
                }
                catch (StateFault away)
                {
                    SayAway(away);
                    if (time.GetElapsedTime(_since) >= run.Options.AgentReturn)
                    {
                        throw new StepFault($"{away.Message}, for {run.Options.AgentReturn.TotalSeconds:0} s; expected this step's record there before it begins, so it was not begun", inner: away);
                    }
                }

                await Task.Delay(Pause, time, cancellationToken);
            }
        }
        finally
        {
            _sending.Release();
        }
    }

    public void Dispose() => _sending.Dispose();

    private async Task SendAsync(bool guarded, CancellationToken cancellationToken)
    {
        await _documents.SendAsync(run.Folder, cancellationToken);
        var lines = Lines();
        while (_has < lines.Count)
        {
            var request = new TxnRequest();
            var (next, size) = (_has, 0);
            for (; next < lines.Count && next - _has < Most && (size == 0 || size + lines[next].Length < Part); next++)
            {
                request.Success.Add(Put(_keys.Line(run.Id, next + 1), lines[next]));
                size += lines[next].Length;
            }

            request.Success.Add(Put(_keys.Run(run.Id), StateKeys.Key($"{next}")));
            if (guarded && Lock is { } held)
            {
                request.Compare.Add(held.Compare);
            }

            if ((await etcd.CommitAsync(request, cancellationToken)).Succeeded)
            {
                _has = next;
            }
            else
            {
                await Lock!.RegainAsync(cancellationToken);
            }
        }

        SayBack();
    }

    private List<ByteString> Lines()
    {
        lock (_gate)
        {
            return [.. _lines];
        }
    }

    private static RequestOp Put(ByteString key, ByteString value) => new() { RequestPut = new() { Key = key, Value = value } };

    private void SayAway(StateFault away)
    {
        Volatile.Write(ref _tried, time.GetTimestamp());
        if (!_away)
        {
            (_since, _away) = (_tried, true);
            reporter.Report(new RunEvent.Note($"{away.Message}; this run's journal is not there for now, and without it no step begins", Warning: true));
        }
    }

    private void SayBack()
    {
        if (_away)
        {
            _away = false;
            reporter.Report(new RunEvent.Note($"{etcd.Address} answers again, and has all of this run's journal", Warning: false));
        }
    }
}
