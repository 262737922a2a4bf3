using System.Text;
using EtcdFleet.Agent.Host;

namespace EtcdFleet.Agent.Verbs.Kubeadm;

/// <summary>SHA-256 of a text as UTF-8.</summary>
internal static class TextDigest
{
    public static string Of(string text) => Digest.Of(Encoding.UTF8.GetBytes(text));
}
