using EtcdFleet.Coordinator.Engine;
using EtcdFleet.Faults.World;

namespace EtcdFleet.Faults.Cases;

/// <summary>One fault on its one machine, at its moment, once.</summary>
internal sealed class Strike
{
    private readonly InProcessFleet _fleet;
    private readonly FaultCase _case;
    private readonly Machine _machine;
    private readonly Trap _trap;
    private readonly TimeSpan? _duration;
    private readonly int _room;
    private bool _armed;
    private bool _nextHangs;

    public Strike(InProcessFleet fleet, FaultCase target, StepProfile profile)
    {
        (_fleet, _case) = (fleet, target);
        var chance = target.Chance();
        var called = fleet.Machines.Where(machine => profile.Calls(machine.Name)).ToList();
        var struck = called.Count > 0 ? called : fleet.Machines; // a moment within a call is there only where one goes
        _machine = target.Step.Node == StepId.WholeFleet ? struck[chance.Next(struck.Count)] : fleet[target.Step.Node];

        // Shorter than any patience, longer than it, or until the operator has put it right.
        _duration = new TimeSpan?[] { TimeSpan.FromSeconds(3), TimeSpan.FromSeconds(70), null }[chance.Next(3)];
        _room = 4096 * chance.Next(5);
        var turn = 1 + chance.Next(Math.Max(1, profile.Turns));
        _trap = target.Fault switch
        {
            Mishap.AgentKilled => new(turn, waits: false, _ => Do(KillAgent)),
            Mishap.PowerCut => new(turn, waits: false, _ => Do(CutPower)),
            Mishap.DiskFull => new(turn, waits: false, _ => Do(FillDisk)),
            _ => new(turn, waits: true, agent => agent.HangAsync(_duration)),
        };
    }

    public bool Struck { get; private set; }

    /// <summary>It is not over when the engine's patience is. A full disk needs none: the agent has a reserve for what an undo writes down.</summary>
    public bool Outlasts => _case.Fault != Mishap.DiskFull && _duration is not { TotalSeconds: < 10 };

    public Action CoordinatorDies { get; set; } = () => { };

    public Action<int> CoordinatorDiskFills { get; set; } = _ => { };

    /// <summary>A moment between two calls.</summary>
    public void At(Moment moment)
    {
        if (Struck || moment != _case.Moment)
        {
            return;
        }

        Struck = true;
        if (_case.Fault == Mishap.VerbHangs)
        {
            _nextHangs = true;
            return;
        }

        Now();
    }

    /// <param name="machine">Where the call goes.</param>
    /// <param name="own">It is the struck step's own.</param>
    public CallFault Before(Machine machine, bool own)
    {
        if (_nextHangs && machine == _machine)
        {
            _nextHangs = false;
            return CallFault.NeverArrives;
        }

        if (!own || Struck || machine != _machine || _case.Moment is Moment.BeforeIntent or Moment.AfterReceipt)
        {
            return CallFault.None;
        }

        if (_case.Moment == Moment.AfterIntent)
        {
            Struck = true;
            if (_case.Fault is Mishap.AgentKilled or Mishap.PowerCut or Mishap.VerbHangs)
            {
                Arm();
            }
            else
            {
                Now();
            }
        }
        else if (_case.Fault == Mishap.DiskFull)
        {
            Struck = true;
            Arm(); // so that the verb's own record meets it
        }

        return CallFault.None;
    }

    public CallFault After(Machine machine, bool own)
    {
        if (_armed && machine == _machine && own)
        {
            _armed = false;
            return Late();
        }

        if (!own || Struck || machine != _machine || _case.Moment != Moment.AfterChange)
        {
            return CallFault.None;
        }

        Struck = true;
        if (_case.Fault == Mishap.VerbHangs)
        {
            return CallFault.AnswerNeverComes;
        }

        Now();
        return _case.Fault is Mishap.CoordinatorKilled or Mishap.CoordinatorDiskFull ? CallFault.None : CallFault.AnswerLost;
    }

    /// <summary>The verb has ended before its turn came: it strikes at the verb's very end.</summary>
    private CallFault Late()
    {
        if (_trap.Sprung)
        {
            return CallFault.None;
        }

        if (_case.Fault == Mishap.VerbHangs)
        {
            return CallFault.AnswerNeverComes;
        }

        Now();
        return _case.Fault == Mishap.DiskFull ? CallFault.None : CallFault.AnswerLost;
    }

    private void Arm()
    {
        _armed = true;
        _machine.Agent.Trap = _trap;
    }

    private void Now()
    {
        lock (_fleet.Clock.Gate)
        {
            switch (_case.Fault)
            {
                case Mishap.CoordinatorKilled:
                    CoordinatorDies();
                    break;
                case Mishap.AgentKilled:
                    KillAgent();
                    break;
                case Mishap.PowerCut:
                    CutPower();
                    break;
                case Mishap.LinkCut:
                    _machine.LinkCut = true;
                    Then(() => _machine.LinkCut = false);
                    break;
                case Mishap.DiskFull:
                    FillDisk();
                    break;
                case Mishap.CoordinatorDiskFull:
                    CoordinatorDiskFills(_room);
                    break;
            }
        }
    }

    private void KillAgent() => _machine.KillAgent(_duration ?? TimeSpan.FromSeconds(10));

    private void CutPower()
    {
        _machine.CutPower();
        Then(_machine.Boot);
    }

    private void FillDisk()
    {
        _machine.Disk.Fill(_room);
        Then(_machine.Disk.Heal);
    }

    private void Then(Action heals)
    {
        if (_duration is { } limit)
        {
            _fleet.Clock.After(limit, heals);
        }
    }

    private static Task? Do(Action happens)
    {
        happens();
        return null;
    }
}
