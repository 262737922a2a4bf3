using System.Text.RegularExpressions;
using EtcdFleet.Agent.V1;
using EtcdFleet.TestKit;
using Google.Protobuf.Reflection;

namespace EtcdFleet.Contract.Tests;

/// <summary>Every rpc of the agent, from the protos' own descriptors and text: there is no list that could be forgotten.</summary>
internal static class Rpcs
{
    private const string Package = "etcdfleet.agent.v1";

    /// <summary>The package's files, found and not listed.</summary>
    public static IReadOnlyList<FileDescriptor> Files { get; } =
    [
        .. from type in typeof(Operation).Assembly.GetTypes()
           where type.Name.EndsWith("Reflection", StringComparison.Ordinal)
           let file = type.GetProperty("Descriptor")?.GetValue(null) as FileDescriptor
           where file is { Package: Package }
           orderby file.Name
           select file,
    ];

    public static IReadOnlyList<MethodDescriptor> All { get; } = [.. from file in Files from service in file.Services from method in service.Methods select method];

    public static MethodDescriptor Of(string name) => All.Single(method => method.Name == name);

    public static Policy Policy(this MethodDescriptor method) => method.GetOptions()?.GetExtension(CommonExtensions.Policy) ?? new();

    /// <summary>The lines of comment above an rpc, as one text.</summary>
    public static string Comment(this MethodDescriptor method)
    {
        var lines = File.ReadAllLines(Root.Of(["src", "Protos", .. method.File.Name.Split("/")]));
        var at = Array.FindIndex(lines, line => Regex.IsMatch(line, $@"^\s*rpc {method.Name}\("));
        return string.Join(' ', lines.Take(at).Reverse().TakeWhile(line => line.TrimStart().StartsWith("//", StringComparison.Ordinal)).Reverse().Select(line => line.Trim().TrimStart('/').Trim()));
    }
}
