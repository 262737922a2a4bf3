namespace EtcdFleet.Coordinator.Output;

/// <summary>A reporter for the length of one command.</summary>
internal interface ICommandOutput : IReporter, IDisposable
{
    /// <summary>The command's last word; nothing is shown after it. In JSON it is the last line.</summary>
    void Exit(ExitCode exit);
}
