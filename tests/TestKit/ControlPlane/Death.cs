namespace EtcdFleet.TestKit;

/// <summary>Kills the agent at one of the places where it turns to the world: before or after its n-th call of a program or of the Kubernetes API.</summary>
internal sealed class Death
{
    /// <summary>How often the agent has turned to the world.</summary>
    public int Count { get; private set; }

    /// <summary>At which call it dies, counted from 1; 0 lets it live.</summary>
    public int At { get; set; }

    /// <summary>The call is made, and its answer never heard.</summary>
    public bool After { get; set; }

    /// <summary>It lives, and counts from the beginning.</summary>
    public void Revive() => (Count, At) = (0, 0);

    public async Task<T> AroundAsync<T>(Func<Task<T>> call)
    {
        var dies = ++Count == At;
        if (dies && !After)
        {
            throw new AgentDiedException();
        }

        var answer = await call();
        return dies ? throw new AgentDiedException() : answer;
    }
}
