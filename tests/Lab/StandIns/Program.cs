using System.Runtime.InteropServices;
using EtcdFleet.Lab.StandIns;
using EtcdFleet.Lab.StandIns.ApiServer;
using EtcdFleet.Lab.StandIns.Kubeadm;
using EtcdFleet.Lab.StandIns.Kubelet;
using EtcdFleet.Lab.StandIns.Runtime;

// The name that it was started by says what it stands in for, as in an image or in /usr/bin; else the first word does.
var own = Path.GetFileName(File.ReadAllText("/proc/self/cmdline").Split('\0')[0]);
string[] words = own is "kubeadm" or "kube-apiserver" ? [own, .. args] : args;
if (words is ["kubeadm", .. var command])
{
    return await KubeadmStandIn.RunAsync(command, KubeadmHost.OfNode());
}

using var stop = new CancellationTokenSource();
using var terminate = PosixSignalRegistration.Create(PosixSignal.SIGTERM, context =>
{
    context.Cancel = true;
    stop.Cancel();
});
switch (words)
{
    case ["kubelet"]:
        var kubelet = StandInOptions.OfNode();
        Console.WriteLine($"etcdfleet-lab: this is a STAND-IN for the kubelet, no Kubernetes component. It runs the static Pods of {kubelet.Manifests} as plain processes; nothing else.");
        await new KubeletStandIn(kubelet, TimeProvider.System, Console.WriteLine).RunAsync(ServiceNotification.Ready, stop.Token);
        return 0;
    case ["containerd"]:
        var runtime = StandInOptions.OfNode();
        Console.WriteLine($"etcdfleet-lab: this is a STAND-IN for containerd, no container runtime. It answers Version and ListContainers of the CRI at {runtime.CriSocket}; nothing else.");
        await RuntimeServer.RunAsync(runtime, ServiceNotification.Ready, stop.Token);
        return 0;
    case ["kube-apiserver", .. var flags]:
        await Console.Error.WriteLineAsync("etcdfleet-lab: this is a STAND-IN for kube-apiserver, no Kubernetes component. It keeps ConfigMaps, Secrets and Nodes in etcd; nothing else.");
        try
        {
            return await ApiServerStandIn.RunAsync(ApiServerOptions.Parse(flags, ImageVersion(), NodeBehaviour.Read(NodeBehaviour.Path)), TimeProvider.System, Console.WriteLine, _ => { }, stop.Token);
        }
        catch (FormatException e)
        {
            await Console.Error.WriteLineAsync($"Error: {e.Message}");
            return 1;
        }

    default:
        await Console.Error.WriteLineAsync("usage: etcdfleet-lab-standins kubelet|containerd|kubeadm ARGS|kube-apiserver FLAGS");
        return 2;
}

// Of the image that it was started from: images/kube-apiserver-v1.35.6/kube-apiserver.
static string ImageVersion() => Path.GetFileName(Path.GetDirectoryName(File.ReadAllText("/proc/self/cmdline").Split('\0')[0])) is { } image && image.LastIndexOf("-v", StringComparison.Ordinal) is var at and >= 0
    ? image[(at + 1)..]
    : "v1.35.6";
