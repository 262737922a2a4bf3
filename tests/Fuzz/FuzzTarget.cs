namespace EtcdFleet.Fuzz;

/// <summary>One thing that reads what others wrote.</summary>
/// <param name="name">As <c>./build.sh fuzz NAME</c> takes it, and the folder of its corpus.</param>
internal abstract class FuzzTarget(string name)
{
    public string Name { get; } = name;

    /// <summary>Words that mean something to it; a mutation puts them in.</summary>
    public virtual IReadOnlyList<string> Words => [];

    /// <summary>Inputs for the run within the tests. The slow ones say fewer.</summary>
    public virtual int Few => 1500;

    /// <summary>Gives it one input, and checks what it makes of it.</summary>
    /// <returns>True when it took the input, false when it refused it as it should.</returns>
    /// <exception cref="Exception">It did neither: whatever this is, it is a finding.</exception>
    public abstract bool Try(byte[] input);

    /// <exception cref="FuzzFinding">It does not hold.</exception>
    protected static void Require(bool holds, string what)
    {
        if (!holds)
        {
            throw new FuzzFinding(what);
        }
    }

    /// <summary>A refusal is for a person: it says something, in a length that can be read.</summary>
    protected static bool Refused(string message, int longest = 20_000)
    {
        Require(message.Length > 0, "the refusal is empty");
        Require(message.Length <= longest, $"the refusal has {message.Length} characters");
        return false;
    }
}
