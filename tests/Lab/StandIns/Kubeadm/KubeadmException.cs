namespace EtcdFleet.Lab.StandIns.Kubeadm;

/// <summary>kubeadm ends with this message and this exit code.</summary>
/// <param name="message">What kubeadm says, without its <c>error: </c>.</param>
/// <param name="exitCode">One of the three constants.</param>
internal sealed class KubeadmException(string message, int exitCode = KubeadmException.Failed, Exception? inner = null) : Exception(message, inner)
{
    /// <summary>Anything that has no code of its own.</summary>
    public const int Failed = 1;

    /// <summary>A preflight check.</summary>
    public const int Preflight = 2;

    /// <summary>Values that the validation refuses; all of them are in the message.</summary>
    public const int Validation = 3;

    /// <summary>The process's exit code.</summary>
    public int ExitCode { get; } = exitCode;

    /// <summary>Runs a phase; kubeadm names the one that failed.</summary>
    public static async Task InPhaseAsync(string phase, Func<Task> run)
    {
        try
        {
            await run();
        }
        catch (KubeadmException e)
        {
            throw new KubeadmException($"error execution phase {phase}: {e.Message}", e.ExitCode, e);
        }
    }

    /// <summary>What the validation found, or nothing.</summary>
    public static void ThrowIfAny(IReadOnlyList<string> findings)
    {
        if (findings.Count > 0)
        {
            throw new KubeadmException(findings is [var one] ? one : $"[{string.Join(", ", findings)}]", Validation);
        }
    }
}
