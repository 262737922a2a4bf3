using EtcdFleet.Coordinator.Engine;
using EtcdFleet.Coordinator.Output;

namespace EtcdFleet.Coordinator.Runs;

/// <summary>Says of a run that went on where another one had ended what it found done, and so left alone.</summary>
internal static class FoundDone
{
    public const string Title = "Found done, and left alone";

    /// <summary>Steps that change something, and were found done or made no difference.</summary>
    public static void Show(IReporter reporter, Plan plan, IReadOnlyList<JournalRecord> journal)
    {
        var changing = plan.Steps.Where(step => step.Step is not Gate && !step.Step.Prepares && step.Step.Undo.Exists).Select(step => step.Id.ToString()).ToHashSet();
        List<IReadOnlyList<string>> rows =
        [
            .. from record in journal
               where record.Kind == JournalKind.AlreadyDone || record is { Kind: JournalKind.Receipt, Changed: false }
               where changing.Contains(record.Step)
               select (IReadOnlyList<string>)[record.Step, record.Summary],
        ];
        if (rows.Count > 0)
        {
            reporter.Report(new RunEvent.EvidenceShown(Title, ["step", "what was found"], rows));
        }
    }
}
