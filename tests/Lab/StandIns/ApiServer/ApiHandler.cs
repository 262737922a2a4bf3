using System.Security.Cryptography.X509Certificates;
using System.Text.Json;
using System.Text.Json.Nodes;
using EtcdFleet.Lab.StandIns.ApiServer.Objects;
using Grpc.Core;
using Microsoft.AspNetCore.Http;

namespace EtcdFleet.Lab.StandIns.ApiServer;

/// <summary>One request: who calls, whether they may, and the answer.</summary>
internal sealed class ApiHandler(ApiServerOptions options, Authorization authorization, HealthChecks health, ObjectStore store, TimeProvider time)
{
    private readonly X509Certificate2Collection _authorities = Authorities(options.ClientCaFile);

    /// <summary>Answers.</summary>
    public async Task HandleAsync(HttpContext context)
    {
        using var deadline = new CancellationTokenSource(options.RequestTimeout, time);
        using var ended = CancellationTokenSource.CreateLinkedTokenSource(deadline.Token, context.RequestAborted);
        try
        {
            try
            {
                await AnswerAsync(context, ended.Token);
            }
            catch (OperationCanceledException e) when (!context.RequestAborted.IsCancellationRequested)
            {
                throw ApiException.Timeout(e);
            }
            catch (RpcException e)
            {
                throw ApiException.Internal($"rpc error: code = {e.StatusCode} desc = {e.Status.Detail}", e);
            }
            catch (JsonException e)
            {
                throw ApiException.BadRequest(e.Message);
            }
        }
        catch (ApiException e)
        {
            await WriteAsync(context, e.Code, e.ToStatus());
        }
        catch (OperationCanceledException)
        {
            context.Abort(); // nobody waits for it any more
        }
    }

    private async Task AnswerAsync(HttpContext context, CancellationToken cancellationToken)
    {
        var path = context.Request.Path.Value ?? "/";
        var (method, request) = (context.Request.Method, ApiRequest.Parse(path));
        authorization.Check(Authenticate(context), method, path, request);
        if (request is not null)
        {
            await AnswerAsync(context, request, method, cancellationToken);
        }
        else if (await health.AnswerAsync(path, context.Request.Query.ContainsKey("verbose"), [.. context.Request.Query["exclude"].OfType<string>()]) is var (status, text))
        {
            (context.Response.StatusCode, context.Response.ContentType) = (status, "text/plain; charset=utf-8");
            context.Response.Headers.XContentTypeOptions = "nosniff";
            await context.Response.WriteAsync(text, cancellationToken);
        }
        else if (path.TrimEnd('/') == "/version")
        {
            var parts = options.Version.TrimStart('v').Split('.');
            await WriteAsync(context, 200, new() { ["major"] = parts[0], ["minor"] = parts[1], ["gitVersion"] = options.Version, ["gitTreeState"] = "stand-in", ["platform"] = "linux/amd64" });
        }
        else
        {
            throw ApiException.NoSuchPath();
        }
    }

    private async Task AnswerAsync(HttpContext context, ApiRequest request, string method, CancellationToken cancellationToken)
    {
        if (context.Request.Query["watch"] is ["true" or "1"])
        {
            throw ApiException.BadRequest("this stand-in does not watch");
        }

        var (code, answer) = (method, request.Name.Length > 0) switch
        {
            ("GET", true) => (200, await store.GetAsync(request, cancellationToken)),
            ("GET", false) => (200, await store.ListAsync(request, context.Request.Query["labelSelector"].ToString(), cancellationToken)),
            ("POST", false) => (201, await store.CreateAsync(request, await BodyAsync<JsonObject>(context, cancellationToken), cancellationToken)),
            ("PUT", true) => (200, await store.ReplaceAsync(request, await BodyAsync<JsonObject>(context, cancellationToken), cancellationToken)),
            ("PATCH", true) => (200, await store.PatchAsync(request, await BodyAsync<JsonNode>(context, cancellationToken), context.Request.ContentType ?? "", cancellationToken)),
            ("DELETE", true) => (200, await DeleteAsync(request, cancellationToken)),
            _ => throw ApiException.NoSuchMethod(),
        };
        await WriteAsync(context, code, answer);
    }

    private async Task<JsonObject> DeleteAsync(ApiRequest request, CancellationToken cancellationToken)
    {
        await store.DeleteAsync(request, cancellationToken);
        return new() { ["kind"] = "Status", ["apiVersion"] = "v1", ["metadata"] = new JsonObject(), ["status"] = "Success" };
    }

    private Caller Authenticate(HttpContext context) => context.Connection.ClientCertificate is { } certificate
        ? Caller.Of(certificate, _authorities) ?? throw ApiException.Unauthorized()
        : options.AnonymousAuth ? Caller.Anonymous : throw ApiException.Unauthorized();

    private static async Task<T> BodyAsync<T>(HttpContext context, CancellationToken cancellationToken)
        where T : JsonNode =>
        await JsonNode.ParseAsync(context.Request.Body, cancellationToken: cancellationToken) as T ?? throw ApiException.BadRequest("the body is not what this request takes");

    private static async Task WriteAsync(HttpContext context, int code, JsonObject body)
    {
        (context.Response.StatusCode, context.Response.ContentType) = (code, "application/json");
        await context.Response.WriteAsync(body.ToJsonString() + "\n", context.RequestAborted);
    }

    private static X509Certificate2Collection Authorities(string file)
    {
        var authorities = new X509Certificate2Collection();
        authorities.ImportFromPemFile(file);
        return authorities;
    }
}
