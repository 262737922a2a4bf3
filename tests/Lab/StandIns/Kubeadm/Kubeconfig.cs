using System.Security.Cryptography.X509Certificates;
using System.Text;
using System.Text.Json.Nodes;
using EtcdFleet.Lab.StandIns.Documents;

namespace EtcdFleet.Lab.StandIns.Kubeadm;

/// <summary>A kubeconfig's current context: server, its CA, and the client's certificate.</summary>
internal sealed record Kubeconfig(string Server, string AuthorityPem, string CertificatePem, string KeyPem)
{
    /// <summary>Reads a file as kubeadm writes it, with everything embedded.</summary>
    /// <exception cref="KubeadmException">It is not there, or is none.</exception>
    public static Kubeconfig Load(string path)
    {
        try
        {
            var file = YamlReader.Documents(File.ReadAllText(path)).Single();
            var context = Named(file, "contexts", file.TextAt("current-context")).At("context");
            var cluster = Named(file, "clusters", context.TextAt("cluster")).At("cluster");
            var user = Named(file, "users", context.TextAt("user")).At("user");
            return new(cluster.TextAt("server"), Decoded(cluster, "certificate-authority-data"), Decoded(user, "client-certificate-data"), Decoded(user, "client-key-data"));
        }
        catch (Exception e) when (e is IOException or FormatException or InvalidOperationException)
        {
            throw new KubeadmException($"failed to load admin kubeconfig: open {path}: {e.Message}", KubeadmException.Failed, e);
        }
    }

    /// <summary>The client's certificate and key.</summary>
    public X509Certificate2 ClientCertificate() => X509Certificate2.CreateFromPem(CertificatePem, KeyPem);

    /// <summary>The CA that the server must come from.</summary>
    public X509Certificate2 Authority() => X509Certificate2.CreateFromPem(AuthorityPem);

    private static JsonNode? Named(JsonObject file, string list, string name) => (file[list] as JsonArray)?.Single(e => e.TextAt("name") == name);

    private static string Decoded(JsonNode? owner, string field) => Encoding.ASCII.GetString(Convert.FromBase64String(owner.TextAt(field)));
}
