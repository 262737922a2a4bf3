using EtcdFleet.Lab.StandIns;
using EtcdFleet.Lab.StandIns.Kubelet;
using EtcdFleet.Lab.StandIns.Runtime;

using var stop = new CancellationTokenSource();
using var terminate = System.Runtime.InteropServices.PosixSignalRegistration.Create(System.Runtime.InteropServices.PosixSignal.SIGTERM, context =>
{
    context.Cancel = true;
    stop.Cancel();
});
var options = StandInOptions.OfNode();
switch (args)
{
    case ["kubelet"]:
        Console.WriteLine($"etcdfleet-lab: this is a STAND-IN for the kubelet, no Kubernetes component. It runs the static Pods of {options.Manifests} as plain processes; nothing else.");
        await new KubeletStandIn(options, TimeProvider.System, Console.WriteLine).RunAsync(ServiceNotification.Ready, stop.Token);
        return 0;
    case ["containerd"]:
        Console.WriteLine($"etcdfleet-lab: this is a STAND-IN for containerd, no container runtime. It answers Version and ListContainers of the CRI at {options.CriSocket}; nothing else.");
        await RuntimeServer.RunAsync(options, ServiceNotification.Ready, stop.Token);
        return 0;
    default:
        await Console.Error.WriteLineAsync("usage: etcdfleet-lab-standins kubelet|containerd");
        return 2;
}
