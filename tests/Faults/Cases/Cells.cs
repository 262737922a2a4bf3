using EtcdFleet.Coordinator.Engine;

namespace EtcdFleet.Faults.Cases;

/// <summary>Which cells of the matrix are run.</summary>
internal static class Cells
{
    /// <summary>All of a procedure with one fault: every step at every moment, then resume, and the way back.</summary>
    public static IEnumerable<FaultCase> All(Procedure procedure, IEnumerable<StepId> steps, Mishap fault) =>
        from step in steps
        from moment in Enum.GetValues<Moment>()
        from then in Enum.GetValues<Then>()
        select new FaultCase(procedure, step, moment, fault, then, 1);

    /// <summary>A sample: every kind of step with this fault once, on some node, in some procedure that has it; moments and what follows take turns.</summary>
    /// <param name="plans">Procedures and their steps.</param>
    /// <param name="fault">The fault.</param>
    /// <param name="seed">Another one takes other nodes, procedures and moments.</param>
    public static IReadOnlyList<FaultCase> Sample(IReadOnlyList<(Procedure Procedure, StepId Step)> plans, Mishap fault, int seed)
    {
        var chance = new Random(seed * 7919 + (int)fault);
        var (moments, turn) = (Enum.GetValues<Moment>(), chance.Next(8));
        return [.. plans.GroupBy(place => place.Step.Step).OrderBy(kind => kind.Key, StringComparer.Ordinal).Select(kind =>
        {
            var (procedure, step) = kind.ElementAt(chance.Next(kind.Count()));
            turn++;
            return new FaultCase(procedure, step, moments[turn % 4], fault, (Then)((turn + (turn / 4)) % 2), seed);
        })];
    }
}
