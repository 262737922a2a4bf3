namespace EtcdFleet.Agent.Host;

/// <summary>What the kernel says of a file, whatever name it is looked at by.</summary>
internal readonly record struct FileStatus
{
    private const int TypeBits = 0xF000;
    private const int FolderBits = 0x4000;
    private const int RegularBits = 0x8000;
    private const int LinkBits = 0xA000;

    private readonly ushort _mode;

    public FileStatus(Native.StatXBuffer found)
    {
        _mode = found.Mode;
        Owner = new OwnerAndMode(found.User, found.Group, found.Mode & 0xFFFu);
        Identity = new FileId(found.DeviceMajor, found.DeviceMinor, found.Inode);
        Links = found.Links;
        Size = found.Size;
        Modified = (found.ModifiedSeconds, found.ModifiedNanoseconds);
    }

    public OwnerAndMode Owner { get; }

    public FileId Identity { get; }

    /// <summary>Names that the file has; a folder has more than one by nature.</summary>
    public uint Links { get; }

    /// <summary>Bytes.</summary>
    public ulong Size { get; }

    /// <summary>Last change of the content: seconds since 1970 and nanoseconds.</summary>
    public (long Seconds, uint Nanoseconds) Modified { get; }

    public bool IsFolder => (_mode & TypeBits) == FolderBits;

    public bool IsRegular => (_mode & TypeBits) == RegularBits;

    public bool IsLink => (_mode & TypeBits) == LinkBits;
}

/// <summary>Which file it is, in whatever mount namespace it is looked at from.</summary>
internal readonly record struct FileId(uint DeviceMajor, uint DeviceMinor, ulong Inode);
