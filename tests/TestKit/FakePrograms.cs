using EtcdFleet.Agent;
using EtcdFleet.Agent.Host;
using EtcdFleet.Agent.V1;

namespace EtcdFleet.TestKit;

/// <summary>Programs with answers that a test has laid down; others are not there.</summary>
internal sealed class FakePrograms : IPrograms
{
    private readonly Dictionary<string, ProgramResult> _answers = [];
    private readonly List<string> _calls = [];

    /// <summary>File and arguments of each call, with blanks between.</summary>
    public IReadOnlyList<string> Calls => _calls;

    /// <summary>What a call gets that is exactly this, or begins with this.</summary>
    public void Answer(string call, string output, int exitCode = 0, string error = "", bool timedOut = false) =>
        _answers[call] = new ProgramResult(exitCode, output, error, timedOut);

    public Task<ProgramResult> RunAsync(string file, IReadOnlyList<string> arguments, IReadOnlyDictionary<string, string> environment, TimeSpan timeout, CancellationToken cancellationToken) =>
        RunAsync(file, arguments, timeout, cancellationToken);

    public Task<ProgramResult> RunAsync(string file, IReadOnlyList<string> arguments, TimeSpan timeout, CancellationToken cancellationToken)
    {
        var call = string.Join(' ', arguments.Prepend(file));
        _calls.Add(call);
        return _answers.Where(answer => call.StartsWith(answer.Key, StringComparison.Ordinal)).OrderByDescending(answer => answer.Key.Length).FirstOrDefault() is { Value: { } result }
            ? Task.FromResult(result)
            : throw new AgentFault(FaultReason.ProgramFailed, $"{file} cannot be run: No such file or directory");
    }
}
