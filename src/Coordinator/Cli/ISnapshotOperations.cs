namespace EtcdFleet.Coordinator.Cli;

/// <summary>What the <c>snapshot</c> commands do, once the command line has been read.</summary>
internal interface ISnapshotOperations
{
    /// <summary>Takes one, verified, and brings copies away. Shows its plan and asks.</summary>
    Task<ExitCode> SaveAsync(CommandScope scope, SnapshotSaveOptions options, CancellationToken cancellationToken);

    /// <summary>Shows all that there are. Changes nothing.</summary>
    /// <param name="scope">Around the command.</param>
    /// <param name="folders">Folders of this machine beside the coordinator's own.</param>
    /// <param name="cancellationToken">Ctrl-C.</param>
    Task<ExitCode> ListAsync(CommandScope scope, IReadOnlyList<string> folders, CancellationToken cancellationToken);

    /// <summary>Reads them again. Changes nothing but what is known of them.</summary>
    /// <param name="scope">Around the command.</param>
    /// <param name="names">Empty: all.</param>
    /// <param name="file">One file of this machine instead; empty: none.</param>
    /// <param name="folders">Folders of this machine beside the coordinator's own.</param>
    /// <param name="cancellationToken">Ctrl-C.</param>
    Task<ExitCode> VerifyAsync(CommandScope scope, IReadOnlyList<string> names, string file, IReadOnlyList<string> folders, CancellationToken cancellationToken);

    /// <summary>Restores one aside and compares it with the cluster. Shows its plan and asks.</summary>
    /// <param name="scope">Around the command.</param>
    /// <param name="name">Empty: the newest.</param>
    /// <param name="node">Empty: any that has it.</param>
    /// <param name="cancellationToken">Ctrl-C.</param>
    Task<ExitCode> DrillAsync(CommandScope scope, string name, string node, CancellationToken cancellationToken);
}
