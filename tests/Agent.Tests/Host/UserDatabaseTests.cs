using EtcdFleet.Agent.Host;
using EtcdFleet.Agent.V1;
using EtcdFleet.TestKit;

namespace EtcdFleet.Agent.Tests.Host;

public sealed class UserDatabaseTests : IDisposable
{
    private readonly TempHostRoot _host = new();

    [Fact]
    public void Get_ReadsUserAndGroup() => Assert.Equal((TempHostRoot.EtcdUser, TempHostRoot.EtcdGroup), new UserDatabase(_host.Root).Get());

    [Fact]
    public void Get_GroupIsItsOwn_NotTheUsersFirst()
    {
        _host.Write("/etc/passwd", "etcd:x:101:65534::/:/bin/false\n");

        Assert.Equal((101u, TempHostRoot.EtcdGroup), new UserDatabase(_host.Root).Get());
    }

    [Theory]
    [InlineData("root:x:0:0::/:/bin/sh\n", "etcd:x:7:\n", "there is no user etcd")]
    [InlineData("etcd:x:7:7::/:/bin/false\n", "root:x:0:\n", "there is no group etcd")]
    [InlineData("etcd:x:0:0::/:/bin/false\n", "etcd:x:7:\n", "user etcd is 0")]
    [InlineData("etcd:x:7:7::/:/bin/false\n", "etcd:x:0:\n", "group etcd is 0")]
    [InlineData("etcd:x:seven:7::/:/bin/false\netcdx:x:7:7::/:\n", "etcd:x:7:\n", "there is no user etcd")]
    public void Get_MissingOrRoot_IsRefused(string passwd, string group, string said)
    {
        _host.Write("/etc/passwd", passwd);
        _host.Write("/etc/group", group);

        var fault = Assert.Throws<AgentFault>(() => new UserDatabase(_host.Root).Get());

        Assert.Equal(FaultReason.UserMissing, fault.Reason);
        Assert.Contains(said, fault.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void GroupsOfEtcd_AreItsOwnAndThoseThatListIt()
    {
        _host.Write("/etc/passwd", "etcd:x:101:102::/:/bin/false\n");
        _host.Write("/etc/group", "etcd:x:103:\nssl:x:104:postgres,etcd\nother:x:105:etcdx\n");

        Assert.Equal([102u, 104u], new UserDatabase(_host.Root).GroupsOfEtcd().Order());
    }

    public void Dispose() => _host.Dispose();
}
