using System.Text;

namespace EtcdFleet.Lab.Kubeadm;

/// <summary>A kubeconfig with everything embedded, as kubeadm writes it.</summary>
internal static class KubeconfigFile
{
    public static string Text(string server, string authority, string user, KeyPairPem client) =>
        $"""
        apiVersion: v1
        clusters:
        - cluster:
            certificate-authority-data: {Encoded(authority)}
            server: {server}
          name: {ClusterConfiguration.Name}
        contexts:
        - context:
            cluster: {ClusterConfiguration.Name}
            user: {user}
          name: {user}@{ClusterConfiguration.Name}
        current-context: {user}@{ClusterConfiguration.Name}
        kind: Config
        users:
        - name: {user}
          user:
            client-certificate-data: {Encoded(client.Certificate)}
            client-key-data: {Encoded(client.Key)}

        """;

    private static string Encoded(string text) => Convert.ToBase64String(Encoding.ASCII.GetBytes(text));
}
