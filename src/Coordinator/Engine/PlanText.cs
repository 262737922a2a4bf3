using System.Globalization;
using System.Text;

namespace EtcdFleet.Coordinator.Engine;

/// <summary>A plan as text: what is printed, kept beside the journal, and approved in tests.</summary>
internal static class PlanText
{
    public static string Of(Plan plan)
    {
        var text = new StringBuilder().Append(CultureInfo.InvariantCulture, $"Plan: {plan.Procedure} cluster {plan.Cluster}\n");
        foreach (var stage in plan.Stages)
        {
            text.Append(CultureInfo.InvariantCulture, $"\n{stage.Id}  {Title(stage.Title, stage.Order, stage.Lanes.Count)}\n");
            foreach (var group in Alike(stage))
            {
                text.Append(CultureInfo.InvariantCulture, $"  {string.Join(", ", group.Select(lane => lane.Name))}\n");
                Lane(text, stage, group[0]);
            }
        }

        return text.ToString();
    }

    /// <summary>A stage's title with the order of its nodes; a stage of one lane has none.</summary>
    public static string Title(string title, LaneOrder order, int lanes) =>
        lanes == 1 ? title : $"{title}, {(order == LaneOrder.OneByOne ? "one node at a time" : "all nodes at a time")}";

    private static void Lane(StringBuilder text, Stage stage, Lane lane)
    {
        for (var i = 0; i < lane.Steps.Count; i++)
        {
            var step = lane.Steps[i];
            text.Append(CultureInfo.InvariantCulture, $"    {i + 1}. {step.Name,-18} {(step is Gate ? "gate: " : "")}{step.Summary}\n");
            if (step is not Gate)
            {
                text.Append(CultureInfo.InvariantCulture, $"       {"",-18} {(step.Undo.Exists ? "undo" : "no undo")}: {step.Undo.How}\n");
            }
        }

        if (stage.UndoneWithLater)
        {
            text.Append("       if a node of a later stage fails, this is undone as well\n");
        }

        if (lane.AfterUndo.Count > 0)
        {
            text.Append(CultureInfo.InvariantCulture, $"       if a step fails, this node is undone in reverse; then: {string.Join("; ", lane.AfterUndo.Select(gate => gate.Summary))}; and no other node is touched\n");
        }
    }

    /// <summary>Lanes that read the same are printed once.</summary>
    private static IEnumerable<IReadOnlyList<Lane>> Alike(Stage stage) =>
        stage.Lanes.GroupBy(lane => string.Join('\n', lane.Steps.Select(step => step.Name + step.Summary))).Select(group => (IReadOnlyList<Lane>)[.. group]);
}
