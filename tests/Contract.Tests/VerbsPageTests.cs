using System.Text.RegularExpressions;
using EtcdFleet.TestKit;
using Google.Protobuf.Reflection;
using Xunit;

namespace EtcdFleet.Contract.Tests;

/// <summary>docs/verbs.md has a row for every rpc, and each row says what the protos say.</summary>
public sealed class VerbsPageTests
{
    private static readonly IReadOnlyList<string[]> Rows =
    [
        .. File.ReadAllLines(Root.Of("docs", "verbs.md")).Where(line => Regex.IsMatch(line, @"^\| `[A-Z]"))
            .Select(line => line.Trim('|', ' ').Split('|').Select(cell => cell.Trim().Trim('`')).ToArray()),
    ];

    public static TheoryData<string> EveryRpc() => RpcTests.EveryRpc();

    [Theory]
    [MemberData(nameof(EveryRpc))]
    public void Rpc_HasItsRow(string rpc)
    {
        var method = Rpcs.Of(rpc);
        var row = Assert.Single(Rows, row => row[0] == rpc);

        Assert.Equal(6, row.Length);
        Assert.Equal((Service(method), method.Policy().Role.ToString().ToLowerInvariant(), method.Policy().Mutating ? "yes" : "no"), (row[1], row[2], row[3]));
        Assert.True(row[4].Length > 20, $"the row of {rpc} says next to nothing");
        var undo = Regex.Match(method.Comment(), "Undone by (?<by>[A-Za-z]+)");
        Assert.Contains(undo.Success ? undo.Groups["by"].Value : "nothing", row[5], StringComparison.Ordinal);
    }

    [Fact]
    public void Rows_NoneIsOfAnRpcThatIsGone() => Assert.Equal(Rpcs.All.Select(method => method.Name).Order(), Rows.Select(row => row[0]).Order());

    private static string Service(MethodDescriptor method) => method.Service.Name;
}
