using System.Globalization;
using EtcdFleet.Coordinator.Engine;

namespace EtcdFleet.Faults.Cases;

/// <summary>One cell of the matrix. Its name says all of it, and runs it again.</summary>
/// <param name="Procedure">What runs.</param>
/// <param name="Step">At which step of it.</param>
/// <param name="Moment">When within the step.</param>
/// <param name="Fault">What strikes.</param>
/// <param name="Then">What the operator does when it is over.</param>
/// <param name="Seed">Chooses what the cell leaves open: how long, at which of a verb's turns, how much room.</param>
internal sealed record FaultCase(Procedure Procedure, StepId Step, Moment Moment, Mishap Fault, Then Then, int Seed)
{
    /// <exception cref="FormatException">It is no case's name.</exception>
    public static FaultCase Parse(string name) => name.Split('/') is [var procedure, var stage, var lane, var step, var moment, var fault, var then, var seed]
        ? new(Procedure.Named(procedure), new(stage, lane, step), Enum.Parse<Moment>(moment), Enum.Parse<Mishap>(fault), Enum.Parse<Then>(then), int.Parse(seed, CultureInfo.InvariantCulture))
        : throw new FormatException($"'{name}' is no case, expected PROCEDURE/STAGE/NODE/STEP/MOMENT/FAULT/THEN/SEED");

    /// <summary>The same for the same case, whatever the process.</summary>
    public Random Chance() => new(ToString().Aggregate(17, (hash, letter) => unchecked((hash * 31) + letter)));

    public override string ToString() => string.Create(CultureInfo.InvariantCulture, $"{Procedure.Name}/{Step}/{Moment}/{Fault}/{Then}/{Seed}");
}
