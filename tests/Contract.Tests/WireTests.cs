using EtcdFleet.TestKit;
using Google.Protobuf.Reflection;
using Xunit;

namespace EtcdFleet.Contract.Tests;

/// <summary>What goes over the wire may only grow: a coordinator and an agent of neighbouring versions understand each other.</summary>
/// <remarks><c>APPROVE=1</c> adds what is new to the approved text. It never takes anything off: what is gone from the protos must
/// come back, or become <c>reserved</c> and raise the protocol (AgentFacts.protocol) by a decision that is written down.</remarks>
public sealed class WireTests
{
    private static string Approved => Root.Of("tests", "Contract.Tests", "Approved", "agent.v1.txt");

    [Fact]
    public void Wire_NothingThatWasApproved_IsGone() => Assert.Empty(Known().Except(Now()));

    [Fact]
    public void Wire_WhatIsNew_IsApproved()
    {
        if (Environment.GetEnvironmentVariable("APPROVE") == "1")
        {
            File.WriteAllLines(Approved, Known().Union(Now()).Order(StringComparer.Ordinal));
        }

        Assert.Empty(Now().Except(Known()));
    }

    private static string[] Known() => File.Exists(Approved) ? File.ReadAllLines(Approved) : [];

    /// <summary>One line a fact, each true by itself: fields by number, name and type; values; rpcs with their messages.</summary>
    private static IReadOnlyList<string> Now() =>
    [
        .. from file in Rpcs.Files from message in file.MessageTypes from line in Lines(message) select line,
        .. from file in Rpcs.Files from type in file.EnumTypes from line in Lines(type) select line,
        .. from method in Rpcs.All
           select $"rpc {method.FullName} {(method.IsClientStreaming ? "stream " : "")}{method.InputType.Name} -> {(method.IsServerStreaming ? "stream " : "")}{method.OutputType.Name}",
    ];

    private static IEnumerable<string> Lines(MessageDescriptor message) =>
    [
        .. message.Fields.InDeclarationOrder().Select(field => $"field {message.FullName} {field.FieldNumber} {field.Name} {(field.IsRepeated ? "repeated " : "")}{TypeOf(field)}"),
        .. message.NestedTypes.SelectMany(Lines),
        .. message.EnumTypes.SelectMany(Lines),
    ];

    private static IEnumerable<string> Lines(EnumDescriptor type) => type.Values.Select(value => $"value {type.FullName} {value.Number} {value.Name}");

    private static string TypeOf(FieldDescriptor field) => field.FieldType switch
    {
        FieldType.Message => field.MessageType.FullName,
        FieldType.Enum => field.EnumType.FullName,
        var plain => plain.ToString().ToLowerInvariant(),
    };
}
