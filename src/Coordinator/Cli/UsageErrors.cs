using System.CommandLine;

namespace EtcdFleet.Coordinator.Cli;

/// <summary>What is wrong with a command line, with what was probably meant and where to read on.</summary>
internal static class UsageErrors
{
    public static IEnumerable<string> Of(ParseResult parsed)
    {
        var command = parsed.CommandResult.Command;
        var known = command.Subcommands.Select(verb => verb.Name)
            .Concat(Upwards(parsed).SelectMany(above => above.Options).SelectMany(option => option.Aliases.Append(option.Name)))
            .ToList();
        var problems = parsed.UnmatchedTokens
            .Select(token => $"found '{token}', which {Path(parsed)} does not know{NearMiss.Hint(token, known)}")
            .ToList();
        if (problems.Count == 0)
        {
            problems.AddRange(command.Subcommands.Count > 0 && command.Action is null
                ? [$"found {Path(parsed)} without a verb"]
                : parsed.Errors.Select(error => error.Message).Distinct());
        }

        problems[^1] += command.Subcommands.Count > 0
            ? $"\nexpected {Path(parsed)} {string.Join('|', command.Subcommands.Select(verb => verb.Name))}; see {Path(parsed)} --help"
            : $"\nsee {Path(parsed)} --help";
        return problems;
    }

    private static string Path(ParseResult parsed) => string.Join(' ', Upwards(parsed).Reverse().Select(command => command is RootCommand ? "etcdfleet" : command.Name));

    private static IEnumerable<Command> Upwards(ParseResult parsed)
    {
        for (var result = parsed.CommandResult; result is not null; result = result.Parent as System.CommandLine.Parsing.CommandResult)
        {
            yield return result.Command;
        }
    }
}
