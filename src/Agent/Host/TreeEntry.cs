namespace EtcdFleet.Agent.Host;

/// <summary>One file or folder of a walk.</summary>
/// <param name="Relative">Its name below the walk's root, with '/'; empty for the root itself.</param>
/// <param name="Status">As it was when the walk passed.</param>
internal readonly record struct TreeEntry(string Relative, FileStatus Status);
