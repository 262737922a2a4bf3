namespace EtcdFleet.Faults.World;

/// <summary>What befalls an agent in the middle of a verb, at one of the places where it turns to its machine.</summary>
/// <param name="at">At which of its turns from now on, counted from 1.</param>
/// <param name="waits">It makes the agent wait, and so cannot befall one that gives a file its name: that is no place to wait.</param>
/// <param name="happens">It dies, hangs, or loses its disk. What it gives is waited for.</param>
internal sealed class Trap(int at, bool waits, Func<AgentLife, Task?> happens)
{
    private int _turns;

    public bool Sprung { get; private set; }

    /// <summary>Null: the agent goes on. Called within the fleet's lock.</summary>
    /// <param name="agent">Whose turn it is.</param>
    /// <param name="canWait">False: it is giving a file its name, and can die there but not wait.</param>
    public Task? Springs(AgentLife agent, bool canWait)
    {
        if (Sprung || ++_turns < at || (waits && !canWait))
        {
            return null;
        }

        Sprung = true;
        return happens(agent);
    }

    /// <summary>The verb has ended before: it befalls the agent now.</summary>
    public void SpringNow(AgentLife agent)
    {
        if (!Sprung)
        {
            Sprung = true;
            _ = happens(agent);
        }
    }
}
