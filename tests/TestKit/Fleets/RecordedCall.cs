namespace EtcdFleet.TestKit;

/// <summary>One mutating call, as an agent got it.</summary>
/// <param name="Node">The agent's node.</param>
/// <param name="Rpc">Its name alone: StashManifest.</param>
/// <param name="Operation">Its operation's id.</param>
/// <param name="Step">Its operation's step.</param>
/// <param name="Changed">It changed something, whatever the caller was told.</param>
internal sealed record RecordedCall(string Node, string Rpc, string Operation, string Step, bool Changed)
{
    public override string ToString() => $"{Node} {Rpc}";
}
