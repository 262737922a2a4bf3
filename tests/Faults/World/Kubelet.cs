using System.Text;
using EtcdFleet.Agent.ControlPlane;
using EtcdFleet.Agent.Host;
using EtcdFleet.Agent.Verbs.Restores;
using EtcdFleet.TestKit;

namespace EtcdFleet.Faults.World;

/// <summary>A machine's kubelet: it runs what its folder says, a while later (FACTS 2, 14). Used within the fleet's one lock.</summary>
internal sealed class Kubelet(Machine machine, InProcessFleet fleet)
{
    private static readonly TimeSpan PodStop = TimeSpan.FromSeconds(2);
    private static readonly TimeSpan PodStart = TimeSpan.FromSeconds(1);

    private readonly FakeProc _proc = new(machine.Root);
    private IReadOnlyList<PlainPod>? _others;
    private string _apiServer = "";
    private FileStatus? _apiServerFile;
    private bool _starting;
    private int _boot;
    private int _pid = 1000;

    /// <summary>The apiserver that runs: its command line; empty while none does.</summary>
    public IReadOnlyList<string> ApiServer { get; private set; } = [];

    /// <summary>It has come so far as to serve.</summary>
    public bool ApiServerServes { get; private set; }

    /// <summary>Controllers and scheduler.</summary>
    public IReadOnlyList<PlainPod> Others => _others ??= [.. ControlPlaneManifests.Programs.Skip(1).Select((program, i) => new PlainPod(program, 500 + i, machine, _proc, Later))];

    /// <summary>Looks at the folder; called whenever something may have changed.</summary>
    public void Look()
    {
        if (!machine.Powered)
        {
            return;
        }

        var wanted = File.Exists(machine.Root.EtcdManifest);
        if (wanted && machine.Etcd != RunBy.Pod && !_starting)
        {
            _starting = true;
            Later(PodStart, StartPod);
        }
        else if (!wanted && machine.Etcd == RunBy.Pod)
        {
            machine.EndEtcd(byFault: false, filesHeld: true);
            Later(PodStop, () => machine.EndEtcd(byFault: false));
        }

        LookAtApiServer();
        foreach (var pod in Others)
        {
            pod.Look();
        }
    }

    public void Boot()
    {
        _boot++;
        _starting = false;
        Look();
    }

    /// <summary>All processes are gone.</summary>
    public void CutPower()
    {
        _boot++;
        (_apiServer, _apiServerFile) = ("", null);
        EndApiServer();
        foreach (var pod in Others)
        {
            pod.CutPower();
        }
    }

    private void StartPod()
    {
        _starting = false;
        if (machine.Etcd is RunBy.PodEnding)
        {
            _starting = true;
            Later(PodStart, StartPod); // the kubelet ends the old one first
        }
        else if (File.Exists(machine.Root.EtcdManifest))
        {
            machine.StartEtcd(RunBy.Pod); // as root: it can read whatever is there
        }
    }

    private void LookAtApiServer()
    {
        var file = Native.Stat(machine.Root.ApiServerManifest);
        if (file is { } same && same == _apiServerFile)
        {
            return; // looked at at every turn of every agent: a file is read once
        }

        _apiServerFile = file;
        var text = file is null ? "" : File.ReadAllText(machine.Root.ApiServerManifest);
        if (text == _apiServer)
        {
            return;
        }

        _apiServer = text;
        if (text.Length == 0 || Command(text) is not { } command)
        {
            Later(PodStop, EndApiServer);
            return;
        }

        Later(PodStop, () =>
        {
            EndApiServer();
            Later(PodStart, () =>
            {
                if (_apiServer == text)
                {
                    ApiServer = command;
                    _proc.Run(++_pid, command);
                    Later(PodStart, () => ApiServerServes = ApiServer == command);
                }
            });
        });
    }

    private void EndApiServer()
    {
        if (ApiServer.Count > 0)
        {
            _proc.End(_pid);
            (ApiServer, ApiServerServes) = ([], false);
        }
    }

    private static IReadOnlyList<string>? Command(string text)
    {
        try
        {
            return ApiServerManifest.Parse(Encoding.UTF8.GetBytes(text), "kube-apiserver.yaml").Command;
        }
        catch (Agent.AgentFault)
        {
            return null; // half a file: the kubelet says so in its log, and runs nothing
        }
    }

    private void Later(TimeSpan delay, Action happens)
    {
        var boot = _boot;
        fleet.Clock.After(delay, () =>
        {
            if (boot == _boot && machine.Powered)
            {
                happens();
            }
        });
    }
}
