using System.Security.Cryptography.X509Certificates;
using EtcdFleet.Scenarios.Labs;
using EtcdFleet.Scenarios.Runs;
using Grpc.Core;
using Xunit;

namespace EtcdFleet.Scenarios.Callers;

/// <summary>Who may not change anything: refused by the agent as it is installed, over the network, for every rpc that changes something, and audited.</summary>
[Collection(nameof(UnsoundLab))]
public sealed class CallerScenarios(UnsoundLab fixture) : Scenario(fixture)
{
    [Fact]
    public Task NobodyWithoutACertificate_ComesToACall() => RefusedAsync(
        () => Task.FromResult<X509Certificate2?>(null), code => code is StatusCode.Unavailable or StatusCode.Internal, (line, _) => line.Text("rpc") == "connection" && line.Text("detail") == "no certificate");

    [Fact]
    public Task NobodyWithACertificateOfAnotherCa_ComesToACall() => RefusedAsync(
        async () =>
        {
            (await Lab.Ops.RunAsync("etcdfleet", "--pki", "/root/other", "pki", "init", "--cluster", "lab", "--operator", "mallory")).Checked();
            return Certificate("/root/other");
        },
        code => code is StatusCode.Unavailable or StatusCode.Internal, (line, _) => line.Text("rpc") == "connection" && line.Text("caller").Contains("mallory", StringComparison.Ordinal));

    [Fact]
    public Task Viewer_MayChangeNothing() => RefusedAsync(
        async () =>
        {
            (await Fixture.Fleet.CoordinatorAsync(Token, "pki", "issue", "operator", "eve", "--role", "viewer", "--reissue")).Checked();
            return Certificate("/root/.config/etcdfleet/pki/operators/eve");
        },
        code => code == StatusCode.PermissionDenied, (line, rpc) => line.Text("rpc") == rpc && line.Text("caller").Contains("eve", StringComparison.Ordinal));

    private Task RefusedAsync(Func<Task<X509Certificate2?>> identity, Predicate<StatusCode> expected, Func<System.Text.Json.JsonElement, string, bool> audited) => UnderWritesAsync(async () =>
    {
        var node = Node("cp1");
        var before = await NodeState.OfAsync(Lab, node);
        var earlier = AuditLines(node).Count;
        using var certificate = await identity();
        using var authority = X509CertificateLoader.LoadCertificateFromFile($"{Lab.Ops.Root}/root/.config/etcdfleet/pki/ca.crt");
        using var caller = new AgentCaller(Lab.NetworkName, node.Address, authority, certificate);
        Assert.NotEmpty(AgentCaller.Mutating);
        foreach (var rpc in AgentCaller.Mutating)
        {
            var code = await caller.CallAsync(rpc, Token);
            Assert.True(expected(code), $"{rpc.FullName} answered {code}");
        }

        var lines = AuditLines(node).Skip(earlier).ToList();
        Assert.All(lines, line => Assert.Equal("denied", line.Text("what"))); // not one verb was begun
        Assert.All(AgentCaller.Mutating, rpc => Assert.Contains(lines, line => audited(line, $"/{rpc.Service.FullName}/{rpc.Name}")));
        (await NodeState.OfAsync(Lab, node)).AssertUnchanged(before);
    });

    private X509Certificate2 Certificate(string folder)
    {
        using var pem = X509Certificate2.CreateFromPemFile($"{Lab.Ops.Root}{folder}/operator.crt", $"{Lab.Ops.Root}{folder}/operator.key");
        return X509CertificateLoader.LoadPkcs12(pem.Export(X509ContentType.Pkcs12), null);
    }
}
