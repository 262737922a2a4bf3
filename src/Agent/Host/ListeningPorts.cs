using System.Buffers.Binary;
using System.Globalization;
using System.Net;
using System.Net.Sockets;

namespace EtcdFleet.Agent.Host;

/// <summary>Which TCP ports are listened on, from /proc/net.</summary>
internal static class ListeningPorts
{
    private const string Listen = "0A";

    /// <summary>"127.0.0.1:2379" for each listener that would keep somebody from listening on one of the URLs.</summary>
    /// <param name="proc">The folder of processes; the network namespace is that of this process (etcd's Pod has the host's).</param>
    /// <param name="urls">A host that is not an address stands for every address.</param>
    /// <exception cref="IOException">/proc/net/tcp is not there.</exception>
    /// <exception cref="FormatException">A line is not as the kernel writes it.</exception>
    public static IReadOnlyList<string> Taken(string proc, IReadOnlyList<Uri> urls)
    {
        var wanted = urls.Select(url => (Address: IPAddress.TryParse(url.Host.Trim('[', ']'), out var address) ? address : IPAddress.Any, url.Port)).ToList();
        return [.. Listeners(proc).Where(listener => wanted.Any(own => own.Port == listener.Port && Overlap(own.Address, listener.Address)))
            .Select(listener => listener.ToString()).Distinct()];
    }

    private static IEnumerable<IPEndPoint> Listeners(string proc)
    {
        // IPv6 may be off altogether.
        string[] tables = [Path.Combine(proc, "net/tcp"), Path.Combine(proc, "net/tcp6")];
        foreach (var line in tables.Where((table, index) => index == 0 || File.Exists(table)).SelectMany(table => File.ReadLines(table).Skip(1)))
        {
            // "  0: 0100007F:0947 00000000:0000 0A …"
            var fields = line.Split(' ', StringSplitOptions.RemoveEmptyEntries);
            if (fields.Length > 3 && fields[3] == Listen)
            {
                var local = fields[1].Split(':');
                yield return new IPEndPoint(Address(local[0]), int.Parse(local[1], NumberStyles.HexNumber, CultureInfo.InvariantCulture));
            }
        }
    }

    /// <summary>The kernel prints each 32 bits of the address as a number of the machine's own byte order.</summary>
    private static IPAddress Address(string hexadecimal)
    {
        var bytes = Convert.FromHexString(hexadecimal);
        for (var at = 0; BitConverter.IsLittleEndian && at + 4 <= bytes.Length; at += 4)
        {
            BinaryPrimitives.WriteUInt32BigEndian(bytes.AsSpan(at), BinaryPrimitives.ReadUInt32LittleEndian(bytes.AsSpan(at)));
        }

        var address = new IPAddress(bytes);
        return address.IsIPv4MappedToIPv6 ? address.MapToIPv4() : address;
    }

    /// <summary>True when two listeners on one port get in each other's way; "::" takes IPv4 as well, as Go's listeners do.</summary>
    private static bool Overlap(IPAddress one, IPAddress other) =>
        one.Equals(other) || one.Equals(IPAddress.IPv6Any) || other.Equals(IPAddress.IPv6Any)
        || (one.Equals(IPAddress.Any) && other.AddressFamily == AddressFamily.InterNetwork)
        || (other.Equals(IPAddress.Any) && one.AddressFamily == AddressFamily.InterNetwork);
}
