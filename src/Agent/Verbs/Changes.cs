using EtcdFleet.Agent.V1;

namespace EtcdFleet.Agent.Verbs;

/// <summary>The two things that a mutating verb can say of itself.</summary>
internal static class Changes
{
    public static Change Made(string summary) => new() { Changed = true, Summary = summary };

    public static Change None(string summary) => new() { Changed = false, Summary = summary };
}
