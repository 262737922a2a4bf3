using EtcdFleet.TestKit;

namespace EtcdFleet.Faults.World;

/// <summary>A static Pod of which only its process matters: kube-controller-manager, kube-scheduler.</summary>
internal sealed class PlainPod(string program, int pid, Machine machine, FakeProc proc, Action<TimeSpan, Action> later)
{
    private static readonly TimeSpan Stop = TimeSpan.FromSeconds(2);
    private static readonly TimeSpan Start = TimeSpan.FromSeconds(1);

    private readonly string _manifest = Path.Combine(machine.Root.Manifests, $"{program}.yaml");
    private bool _wanted;

    public bool Runs { get; private set; }

    public void Look()
    {
        if (File.Exists(_manifest) is var wanted && wanted != _wanted)
        {
            _wanted = wanted;
            later(wanted ? Start + Stop : Stop, Settle); // the kubelet ends an old one first
        }
    }

    public void CutPower()
    {
        _wanted = false;
        End();
    }

    private void Settle()
    {
        if (_wanted && !Runs)
        {
            Runs = true;
            proc.Run(pid, RestoreNode.Commands[program]);
        }
        else if (!_wanted)
        {
            End();
        }
    }

    private void End()
    {
        if (Runs)
        {
            Runs = false;
            proc.End(pid);
        }
    }
}
