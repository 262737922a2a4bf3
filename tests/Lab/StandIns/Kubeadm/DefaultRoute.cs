using System.Net.NetworkInformation;
using System.Net.Sockets;

namespace EtcdFleet.Lab.StandIns.Kubeadm;

/// <summary>Where kubeadm takes its advertise address from when nobody gives it one (FACTS 13).</summary>
internal static class DefaultRoute
{
    /// <summary>The first IPv4 address of the interface that the default route goes through; null when there is no such route or address.</summary>
    /// <exception cref="KubeadmException">The interfaces cannot be listed, as in a sandbox without AF_NETLINK. The real one fails there as well.</exception>
    public static string? Address()
    {
        try
        {
            return Find();
        }
        catch (NetworkInformationException e)
        {
            throw new KubeadmException("route ip+net: netlinkrib: address family not supported by protocol", KubeadmException.Failed, e);
        }
    }

    /// <summary>The interface of the default route in the kernel's table.</summary>
    public static string? InterfaceOf(IEnumerable<string> table) => table.Skip(1).Select(l => l.Split('\t'))
        .FirstOrDefault(f => f.Length > 7 && f[1] == "00000000" && f[7] == "00000000")?[0];

    private static string? Find() => File.Exists("/proc/net/route") && InterfaceOf(File.ReadAllLines("/proc/net/route")) is { } name
        ? NetworkInterface.GetAllNetworkInterfaces().Where(i => i.Name == name).SelectMany(i => i.GetIPProperties().UnicastAddresses)
            .Select(a => a.Address).FirstOrDefault(a => a.AddressFamily == AddressFamily.InterNetwork)?.ToString()
        : null;
}
