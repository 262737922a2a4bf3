using System.CommandLine;
using EtcdFleet.Coordinator.Engine;

namespace EtcdFleet.Coordinator.Cli;

/// <summary>How long the parts of a cutover may take before the node goes back; their defaults are those of <see cref="RunOptions"/>.</summary>
internal sealed class DeadlineArguments
{
    private static readonly RunOptions Standard = new();

    private readonly Option<TimeSpan> _podStop = DurationOption.Create("--pod-stop-deadline", "How long a static Pod may take to stop", Standard.PodStop);
    private readonly Option<TimeSpan> _start = DurationOption.Create("--start-deadline", "How long etcd may take to be ready under systemd", Standard.UnitStart);
    private readonly Option<TimeSpan> _gate = DurationOption.Create("--gate-deadline", "How long a gate may stay red", Standard.GateDeadline);

    private readonly Option<TimeSpan> _apiServer = DurationOption.Create("--apiserver-deadline", "How long an apiserver may take from its new manifest to ready", Standard.ApiServerRestart);

    public void AddTo(Command command)
    {
        command.Add(_apiServer);
        command.Add(_podStop);
        command.Add(_start);
        command.Add(_gate);
    }

    /// <summary>The run's options with the deadlines that were given.</summary>
    public RunOptions Of(ParseResult parsed, RunOptions options)
    {
        TimeSpan Given(Option<TimeSpan> option, TimeSpan standard) => parsed.GetResult(option) is null ? standard : parsed.GetValue(option);
        var start = Given(_start, options.UnitStart);
        return options with
        {
            PodStop = Given(_podStop, options.PodStop),
            UnitStart = start,
            ApiServerRestart = Given(_apiServer, options.ApiServerRestart),
            GateDeadline = Given(_gate, options.GateDeadline),

            // Never shorter than the start that another coordinator may have begun, with its own deadline.
            VerbEnd = options.VerbEnd + (start > options.UnitStart ? start - options.UnitStart : TimeSpan.Zero),
        };
    }
}
