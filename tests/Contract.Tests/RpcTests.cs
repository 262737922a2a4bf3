using System.Text.RegularExpressions;
using EtcdFleet.Agent.Endpoints;
using EtcdFleet.Agent.V1;
using EtcdFleet.TestKit;
using Google.Protobuf.Reflection;
using Xunit;

namespace EtcdFleet.Contract.Tests;

/// <summary>One name, five places: an rpc has its policy, its verb, its tests, its row in docs/verbs.md and somebody who calls it.</summary>
public sealed class RpcTests
{
    /// <summary>The one exception: rpcs whose caller comes with a later issue. A line goes when its caller comes; see <see cref="CalledLater_HasNoCaller"/>.</summary>
    private static readonly Dictionary<string, string> CalledLater = new()
    {
    };

    public static TheoryData<string> EveryRpc() => [.. Rpcs.All.Select(method => method.Name)];

    public static TheoryData<string> EveryMutatingRpc() => [.. Rpcs.All.Where(method => method.Policy().Mutating).Select(method => method.Name)];

    [Fact]
    public void Rpcs_TheirNames_AreUnique() => Assert.Equal(Rpcs.All.Count, Rpcs.All.Select(method => method.Name).Distinct().Count());

    [Fact]
    public void Services_AllOfThem_HaveTheirPoliciesEnforced() => Assert.Equal(
        Rpcs.Files.SelectMany(file => file.Services).Select(service => service.FullName).Order(), Policies.Services.Select(service => service.FullName).Order());

    [Theory]
    [MemberData(nameof(EveryRpc))]
    public void Rpc_HasARole(string rpc)
    {
        var policy = Rpcs.Of(rpc).Policy();

        Assert.NotEqual(Role.Unspecified, policy.Role);
        Assert.True(!policy.Mutating || policy.Role >= Role.Operator, $"{rpc} changes something, and a viewer may call it");
    }

    [Theory]
    [MemberData(nameof(EveryRpc))]
    public void Rpc_HasARequestAndAResponseOfItsOwn(string rpc) =>
        Assert.Equal(($"{rpc}Request", $"{rpc}Response"), (Rpcs.Of(rpc).InputType.Name, Rpcs.Of(rpc).OutputType.Name));

    /// <summary>Rule 7: it can be repeated, and says what it did.</summary>
    [Theory]
    [MemberData(nameof(EveryMutatingRpc))]
    public void MutatingRpc_TakesAnOperationAndAnswersWithAChange(string rpc)
    {
        var method = Rpcs.Of(rpc);

        Assert.Equal(Operation.Descriptor, method.InputType.FindFieldByName("operation")?.MessageType);
        Assert.Equal(1, method.InputType.FindFieldByName("operation").FieldNumber);
        var answer = method.IsServerStreaming ? ResultOf(method) : method.OutputType;
        var first = answer.FindFieldByNumber(1);
        Assert.Equal(("change", Change.Descriptor), (first?.Name, first?.MessageType));
    }

    [Fact]
    public void Rpc_ThatOnlyReads_TakesNoOperation() =>
        Assert.DoesNotContain(Rpcs.All, method => !method.Policy().Mutating && method.InputType.FindFieldByName("operation") is not null);

    /// <summary>Callers name things: a path in a request would be somebody's way to any file.</summary>
    [Fact]
    public void Requests_HaveNeitherPathsNorCommands() => Assert.DoesNotContain(
        Rpcs.All.SelectMany(method => method.InputType.Fields.InDeclarationOrder()), field => Regex.IsMatch(field.Name, "path|file|dir|command|args|argv"));

    [Theory]
    [MemberData(nameof(EveryRpc))]
    public void Rpc_ItsComment_SaysEffectPreconditionIdempotenceAndUndo(string rpc)
    {
        var (comment, mutating) = (Rpcs.Of(rpc).Comment(), Rpcs.Of(rpc).Policy().Mutating);

        Assert.StartsWith($"{rpc} ", comment, StringComparison.Ordinal);
        Assert.Contains(mutating ? "Precondition: " : "Effect: none", comment, StringComparison.Ordinal);
        Assert.Matches("Idempotent[.: ]", comment);
        var undo = Regex.Match(comment, @"Undone by (?<by>[A-Z][A-Za-z]+)|Nothing to undo|Not undone: ");
        Assert.True(undo.Success, $"the comment of {rpc} says neither 'Undone by X' nor 'Nothing to undo' nor 'Not undone: why'");
        Assert.True(!undo.Groups["by"].Success || Rpcs.All.Any(method => method.Name == undo.Groups["by"].Value), $"{rpc} is undone by {undo.Groups["by"].Value}, which is no rpc");
    }

    [Theory]
    [MemberData(nameof(EveryRpc))]
    public void Rpc_HasItsVerbInAFileOfItsName(string rpc) => Assert.Single(Directory.GetFiles(Root.Of("src", "Agent", "Verbs"), $"{rpc}.cs", SearchOption.AllDirectories));

    [Theory]
    [MemberData(nameof(EveryRpc))]
    public void Rpc_HasTests(string rpc) => Assert.True(
        Directory.GetFiles(Root.Of("tests", "Agent.Tests", "Verbs"), $"{rpc}Tests.cs", SearchOption.AllDirectories).Length == 1, $"tests/Agent.Tests/Verbs/**/{rpc}Tests.cs is missing");

    [Theory]
    [MemberData(nameof(EveryRpc))]
    public void Rpc_HasACaller(string rpc) => Assert.True(
        CalledLater.ContainsKey(rpc) || IsCalled(rpc), $"no step, gate or check calls {rpc}: give it a caller, or take the rpc away");

    [Fact]
    public void CalledLater_HasNoCaller() => Assert.All(CalledLater, later => Assert.False(IsCalled(later.Key), $"{later.Key} has its caller now: take it off the list ({later.Value})"));

    private static bool IsCalled(string rpc) => ((string[])["Steps", "Gates", "Checks", "Cluster", "Procedures", "Runs", "Leases"])
        .SelectMany(folder => Directory.GetFiles(Root.Of("src", "Coordinator", folder), "*.cs", SearchOption.AllDirectories))
        .Any(file => Regex.IsMatch(File.ReadAllText(file), $@"\.{rpc}(Async)?\("));

    /// <summary>A long verb streams progress, and then its result.</summary>
    private static MessageDescriptor ResultOf(MethodDescriptor method)
    {
        var step = Assert.Single(method.OutputType.Oneofs);
        Assert.Equal(["progress", "result"], step.Fields.Select(field => field.Name));
        return step.Fields[1].MessageType;
    }
}
