namespace EtcdFleet.Lab.Writing;

/// <summary>A value of a key and the revision that wrote it.</summary>
internal readonly record struct Versioned(long Value, long Revision);

/// <summary>An acknowledged write.</summary>
internal readonly record struct Acknowledged(string Key, long Value, long Revision);
