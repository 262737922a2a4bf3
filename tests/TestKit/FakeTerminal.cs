using EtcdFleet.Coordinator.Output;

namespace EtcdFleet.TestKit;

/// <summary>An operator who gives the answers that the test has prepared, and fails the test when asked once too often.</summary>
internal sealed class FakeTerminal(params bool[] answers) : ITerminal
{
    private readonly Queue<bool> _answers = new(answers);

    public bool IsInteractive { get; init; } = true;

    public List<string> Questions { get; } = [];

    public Task<bool> ConfirmAsync(string question, CancellationToken cancellationToken)
    {
        Questions.Add(question);
        return IsInteractive
            ? Task.FromResult(_answers.Dequeue())
            : throw new Coordinator.CommandFault(Coordinator.ExitCode.Usage, "nobody to ask");
    }
}
