using System.Net;
using System.Security.Cryptography.X509Certificates;
using EtcdFleet.Agent.V1;
using EtcdFleet.Shared;
using EtcdFleet.TestKit;
using Grpc.Core;
using Grpc.Net.Client;
using Microsoft.Extensions.Logging;

namespace EtcdFleet.Agent.Tests.Endpoints;

/// <summary>The CA's list on the disk of a running agent: whom it lets in, and what a list must be to be believed.</summary>
public sealed class RevocationTests : AgentFixture
{
    private readonly List<X509Certificate2> _certificates = [];

    private string File => Path.Combine(Node.Root.Identity, RevocationList.FileName);

    public override async ValueTask DisposeAsync()
    {
        GC.SuppressFinalize(this);
        _certificates.ForEach(certificate => certificate.Dispose());
        await base.DisposeAsync();
    }

    [Fact]
    public async Task List_WithAnOperator_RefusesHimAloneFromTheNextConnectionOn()
    {
        var (eve, ann) = (Issue(), Issue());
        Assert.Equal(StatusCode.OK, (await AnswerAsync(eve)).Code);

        Put(Node.Pki.Revoke(eve));

        Assert.True((await AnswerAsync(eve)).Cut);
        Assert.Equal(StatusCode.OK, (await AnswerAsync(ann)).Code);
        Assert.Matches("^it was revoked at ", Assert.Single(Node.Audit, record => record.What == "denied").Detail);
    }

    [Fact]
    public async Task List_WithAnOperatorWhoIsConnected_RefusesHisNextCall()
    {
        var eve = Issue();
        using var channel = Agent.Connect(eve);
        Assert.Equal(StatusCode.OK, (await CallAsync(channel)).Code);

        Put(Node.Pki.Revoke(eve));

        var refused = await CallAsync(channel);
        Assert.Equal((StatusCode.PermissionDenied, FaultReason.Permission), (refused.Code, refused.Reason));
        Assert.Contains("counts no more: it was revoked at ", refused.Text, StringComparison.Ordinal);
        var denied = Assert.Single(Node.Audit, record => record.What == "denied");
        Assert.Equal(("etcdfleet://kkg/operator/some-operator/operator", refused.Text), (denied.Caller, denied.Detail));
    }

    [Fact]
    public async Task List_ThatIsGoneAgain_StaysInForceAlsoAfterARestart()
    {
        var eve = Issue();
        Put(Node.Pki.Revoke(eve));
        Assert.True((await AnswerAsync(eve)).Cut);

        System.IO.File.Delete(File);

        Assert.True((await AnswerAsync(eve)).Cut);
        await RestartAsync();
        Assert.True((await AnswerAsync(eve)).Cut);
    }

    [Fact]
    public async Task List_OlderThanTheLastOne_ChangesNothingAndIsReported()
    {
        Agent.Logs.Expect("is not used");
        var (eve, bob) = (Issue(), Issue());
        var older = Node.Pki.Revoke(eve);
        Put(Node.Pki.Revoke(bob));
        Assert.True((await AnswerAsync(bob)).Cut);

        Put(older);

        Assert.True((await AnswerAsync(eve)).Cut);
        Assert.True((await AnswerAsync(bob)).Cut);
        Assert.Contains("found number 1, expected 2 or a later one", Assert.Single(Agent.Logs.Of(LogLevel.Error, "is not used")).Text, StringComparison.Ordinal);
        var (status, text) = await Agent.AskAsync("/readyz", Cancel);
        Assert.Equal(HttpStatusCode.OK, status);
        Assert.Contains("\n- attention: /etc/etcdfleet/pki/fleet.crl is not used: found number 1, expected 2 or a later one: lists do not go back; number 2 stays in force. Bring ", text, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("")]
    [InlineData("-----BEGIN X509 CRL-----\nAAAA\n-----END X509 CRL-----\n")]
    [InlineData("cut")]
    [InlineData("changed")]
    [InlineData("another CA's")]
    [InlineData("a folder")]
    public async Task List_ThatCannotBeUsed_LeavesTheLastGoodOneInForce(string damage)
    {
        Agent.Logs.Expect("is not used");
        using var other = new FleetPki();
        var (eve, bob) = (Issue(), Issue());
        var good = Node.Pki.Revoke(eve);
        Put(good);
        Assert.True((await AnswerAsync(eve)).Cut);

        var next = Node.Pki.Revoke(bob);
        Put(damage switch
        {
            "cut" => next[..^80],
            "changed" => Changed(next),
            "another CA's" => other.Revoke(bob),
            "a folder" => [],
            _ => System.Text.Encoding.ASCII.GetBytes(damage),
        });
        if (damage == "a folder")
        {
            System.IO.File.Delete(File);
            Directory.CreateDirectory(File);
        }

        Assert.True((await AnswerAsync(eve)).Cut);
        Assert.Equal(StatusCode.OK, (await AnswerAsync(bob)).Code);
        Assert.Single(Agent.Logs.Of(LogLevel.Error, "is not used")); // once for each state of the file
        Assert.Contains("number 1 stays in force", (await Agent.AskAsync("/readyz", Cancel)).Text, StringComparison.Ordinal);
    }

    [Fact]
    public async Task List_OfTheOldCa_IsForgottenWithIt()
    {
        var eve = Issue();
        Put(Node.Pki.Revoke(eve));
        Assert.True((await AnswerAsync(eve)).Cut);
        using var other = new FleetPki();
        using var young = other.Operator("operator");

        System.IO.File.Delete(File);
        other.Install(Node.Root);

        using var channel = Agent.Connect(young, authority: other.Authority);
        Assert.Equal(StatusCode.OK, (await CallAsync(channel)).Code);
        Assert.Equal("ready\nat work: nothing\n", (await Agent.AskAsync("/readyz", Cancel)).Text);
    }

    private X509Certificate2 Issue()
    {
        var certificate = Node.Pki.Operator("operator");
        _certificates.Add(certificate);
        return certificate;
    }

    private void Put(byte[] list) => System.IO.File.WriteAllBytes(File, list);

    /// <summary>A byte in the middle of the encoded list, which its signature covers.</summary>
    private static byte[] Changed(byte[] pem)
    {
        var changed = (byte[])pem.Clone();
        changed[pem.Length / 2] = changed[pem.Length / 2] == (byte)'A' ? (byte)'B' : (byte)'A';
        return changed;
    }

    private async Task<RawAnswer> AnswerAsync(X509Certificate2 certificate)
    {
        using var channel = Agent.Connect(certificate);
        return await CallAsync(channel);
    }

    private static Task<RawAnswer> CallAsync(GrpcChannel channel) => RawRpc.CallAsync(channel, NodeService.Descriptor.Methods[0], [], Cancel);
}
