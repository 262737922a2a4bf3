using System.Text.Json.Serialization;
using EtcdFleet.Agent.V1;

namespace EtcdFleet.Agent.Host;

/// <summary>A file's owner and permissions, without its name.</summary>
/// <param name="User">uid.</param>
/// <param name="Group">gid.</param>
/// <param name="Mode">The twelve permission bits.</param>
internal readonly record struct OwnerAndMode(uint User, uint Group, uint Mode)
{
    /// <summary>root:root 0700, for folders.</summary>
    public static OwnerAndMode RootOnly { get; } = new(0, 0, (uint)(UnixFileMode.UserRead | UnixFileMode.UserWrite | UnixFileMode.UserExecute));

    /// <summary>0640: readable by the group, for files.</summary>
    public const uint GroupReadable = (uint)(UnixFileMode.UserRead | UnixFileMode.UserWrite | UnixFileMode.GroupRead);

    [JsonIgnore]
    public UnixFileMode Permissions => (UnixFileMode)Mode;

    public static OwnerAndMode From(FileOwner owner) => new(owner.Uid, owner.Gid, owner.Mode);

    /// <summary>With the name that the host gives the file.</summary>
    public FileOwner Named(string path) => new() { Path = path, Uid = User, Gid = Group, Mode = Mode };

    /// <summary>As ls and chmod write it: "0:0 0640".</summary>
    public override string ToString() => $"{User}:{Group} 0{Convert.ToString(Mode, 8)}";
}
