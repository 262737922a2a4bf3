using System.CommandLine;
using EtcdFleet.Coordinator.Engine;

namespace EtcdFleet.Coordinator.Cli;

/// <summary>What every verb that changes something can be told about the lock.</summary>
internal sealed class LockArguments
{
    /// <summary>As an agent takes it.</summary>
    private const int LongestReason = 500;

    private readonly Option<string?> _break = new("--break-lock")
    {
        Description = "End the lock of another run first, for this reason, which is kept; only for a run that cannot go on any more; needs the role admin", HelpName = "REASON",
    };

    private readonly Option<TimeSpan> _ttl = DurationOption.Create("--lease-ttl", "How long the lock lasts when this coordinator dies; it is renewed three times as often", new RunOptions().LeaseTtl);

    public LockArguments() => _break.Validators.Add(result =>
    {
        if (result.Tokens is [{ Value: var reason }] && (string.IsNullOrWhiteSpace(reason) || reason.Length > LongestReason || reason.Any(char.IsControl)))
        {
            result.AddError($"--break-lock: found '{reason}', expected a reason in one line of at most {LongestReason} characters");
        }
    });

    public void AddTo(Command command)
    {
        command.Add(_break);
        command.Add(_ttl);
    }

    /// <summary>The run's options with what was given.</summary>
    public RunOptions Of(ParseResult parsed, RunOptions options) => options with
    {
        BreakLock = parsed.GetValue(_break) ?? "",
        LeaseTtl = parsed.GetResult(_ttl) is null ? options.LeaseTtl : parsed.GetValue(_ttl),
    };
}
