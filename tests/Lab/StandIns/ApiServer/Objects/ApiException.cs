using System.Text.Json.Nodes;

namespace EtcdFleet.Lab.StandIns.ApiServer.Objects;

/// <summary>A refusal, which is told in Kubernetes' own form: a Status.</summary>
internal sealed class ApiException(int code, string reason, string message, Exception? inner = null) : Exception(message, inner)
{
    /// <summary>The HTTP status.</summary>
    public int Code { get; } = code;

    public static ApiException BadRequest(string message) => new(400, "BadRequest", message);

    public static ApiException Unauthorized() => new(401, "Unauthorized", "Unauthorized");

    public static ApiException Forbidden(string message) => new(403, "Forbidden", message);

    public static ApiException NotFound(string resource, string name) => new(404, "NotFound", $"{resource} \"{name}\" not found");

    public static ApiException NoSuchPath() => new(404, "NotFound", "the server could not find the requested resource");

    public static ApiException NoSuchMethod() => new(405, "MethodNotAllowed", "the server does not allow this method on the requested resource");

    public static ApiException AlreadyExists(string resource, string name) => new(409, "AlreadyExists", $"{resource} \"{name}\" already exists");

    public static ApiException Conflict(string resource, string name) =>
        new(409, "Conflict", $"Operation cannot be fulfilled on {resource} \"{name}\": the object has been modified; please apply your changes to the latest version and try again");

    public static ApiException Invalid(string kind, string name, string why) => new(422, "Invalid", $"{kind} \"{name}\" is invalid: {why}");

    public static ApiException Timeout(Exception inner) => new(504, "Timeout", "Timeout: request did not complete within requested timeout - context deadline exceeded", inner);

    public static ApiException Internal(string message, Exception inner) => new(500, "InternalError", $"Internal error occurred: {message}", inner);

    /// <summary>As the body of the answer.</summary>
    public JsonObject ToStatus() => new()
    {
        ["kind"] = "Status",
        ["apiVersion"] = "v1",
        ["metadata"] = new JsonObject(),
        ["status"] = "Failure",
        ["message"] = Message,
        ["reason"] = reason,
        ["code"] = Code,
    };
}
