using EtcdFleet.Agent.Runs;
using EtcdFleet.Agent.V1;

namespace EtcdFleet.Agent.Verbs.Runs;

/// <summary>Sends a run's documents and lines, in parts that a caller takes.</summary>
/// <remarks>Not an <see cref="IVerb{TRequest, TResponse}"/>: its answer is a stream. All of it is read before the first part is sent, so that it
/// is one moment's.</remarks>
internal sealed class ReadRun(KeptRuns runs)
{
    /// <summary>Characters of the lines of one part; the next line may go beyond it.</summary>
    private const int Part = 256 * 1024;

    /// <exception cref="AgentFault">INVALID_REQUEST: no such run, or not a name.</exception>
    public IEnumerable<ReadRunResponse> Run(ReadRunRequest request)
    {
        var (lines, documents) = runs.Read(RunName.Check(request.Run));
        return Parts(lines, documents);
    }

    private static IEnumerable<ReadRunResponse> Parts(IReadOnlyList<string> lines, IReadOnlyList<RunAttachment> documents)
    {
        var part = new ReadRunResponse { Attachments = { documents } };
        var size = 0;
        foreach (var line in lines)
        {
            part.Lines.Add(line);
            size += line.Length;
            if (size > Part)
            {
                yield return part;
                (part, size) = (new(), 0);
            }
        }

        yield return part;
    }
}
