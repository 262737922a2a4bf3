using System.CommandLine;
using System.CommandLine.Parsing;
using System.Globalization;
using System.Text.RegularExpressions;

namespace EtcdFleet.Coordinator.Cli;

/// <summary>Options that take a time: a number with its unit, as in 10s, 2m or 1h; a number alone could mean anything.</summary>
internal static partial class DurationOption
{
    private static readonly TimeSpan Least = TimeSpan.FromSeconds(1);

    /// <summary>As long as an agent waits at the most.</summary>
    private static readonly TimeSpan Most = TimeSpan.FromHours(1);

    /// <param name="name">With its dashes.</param>
    /// <param name="description">What the time is for.</param>
    /// <param name="standard">Taken where the option is not given, and shown in the help.</param>
    public static Option<TimeSpan> Create(string name, string description, TimeSpan standard) => new(name)
    {
        Description = string.Create(CultureInfo.InvariantCulture, $"{description} [default: {standard.TotalSeconds:0}s]"),
        HelpName = "10s|2m|1h",
        CustomParser = Parse,
        Arity = ArgumentArity.ExactlyOne,
    };

    private static TimeSpan Parse(ArgumentResult result)
    {
        var given = result.Tokens[0].Value;
        if (Pattern().Match(given) is { Success: true } match && double.Parse(match.Groups[1].Value, CultureInfo.InvariantCulture) is var number)
        {
            var seconds = number * match.Groups[2].Value switch { "s" => 1, "m" => 60, _ => 3600 };
            if (seconds >= Least.TotalSeconds && seconds <= Most.TotalSeconds)
            {
                return TimeSpan.FromSeconds(seconds);
            }
        }

        var option = (result.Parent as OptionResult)?.Option.Name;
        result.AddError($"{option}: found '{given}', expected a time from 1s to 1h, with its unit: 10s, 2m, 1h");
        return Least;
    }

    [GeneratedRegex(@"^([0-9]{1,6})([smh])\z", RegexOptions.CultureInvariant)]
    private static partial Regex Pattern();
}
