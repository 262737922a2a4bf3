namespace EtcdFleet.TestKit;

/// <summary>A folder of <c>--state-pki</c> for the etcds of a cluster with TLS.</summary>
internal sealed class StateFolder : IDisposable
{
    private readonly TemporaryFolder _folder = new();

    /// <param name="node">Whose CA and client certificate are taken.</param>
    public StateFolder(EtcdMemberNode node)
    {
        File.Copy(Path.Combine(node.Root.EtcdPki, "ca.crt"), Authority);
        File.Copy(node.Root.EtcdClientCertificate, Certificate);
        File.Copy(node.Root.EtcdClientKey, Key);
    }

    public string Location => _folder.Path;

    public string Authority => _folder.At("ca.crt");

    public string Certificate => _folder.At("client.crt");

    public string Key => _folder.At("client.key");

    public void Dispose() => _folder.Dispose();
}
