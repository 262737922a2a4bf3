using System.Globalization;
using EtcdFleet.Agent.Endpoints.Interceptors;
using EtcdFleet.Agent.V1;
using Grpc.Core;

namespace EtcdFleet.Agent.Endpoints;

/// <summary>Answers bytes that are no request of their rpc with INVALID_REQUEST.</summary>
/// <remarks>They are read before the first interceptor is called, so the server itself would say UNKNOWN, which a coordinator takes for a bug of the agent's.</remarks>
internal static class MalformedRequests
{
    private const string StatusHeader = "grpc-status";
    private const string Read = "etcdfleet.read";

    /// <summary>Marks a call whose request could be read: from here on every failure is an interceptor's to name.</summary>
    public static void Passed(ServerCallContext context) => context.GetHttpContext().Items[Read] = true;

    public static void Answer(WebApplication app) => app.Use(async (http, next) =>
    {
        await next(http);
        if (http.Items.ContainsKey(Read) || http.Response.HasStarted || http.Response.Headers[StatusHeader] != Number(StatusCode.Unknown))
        {
            return;
        }

        var refusal = FaultInterceptor.Status(StatusCode.InvalidArgument, FaultReason.InvalidRequest, $"the bytes are no request of {http.Request.Path}, expected its message in protobuf: are coordinator and agent of one version?");
        http.Response.Headers[StatusHeader] = Number(refusal.StatusCode);
        http.Response.Headers["grpc-message"] = Uri.EscapeDataString(refusal.Status.Detail);
        foreach (var detail in refusal.Trailers.Where(trailer => trailer.IsBinary))
        {
            http.Response.Headers[detail.Key] = Convert.ToBase64String(detail.ValueBytes);
        }
    });

    private static string Number(StatusCode code) => ((int)code).ToString(CultureInfo.InvariantCulture);
}
