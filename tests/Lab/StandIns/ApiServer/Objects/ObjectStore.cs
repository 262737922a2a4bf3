using System.Globalization;
using System.Text.Json.Nodes;
using EtcdFleet.Lab.StandIns.ApiServer.Etcd;
using EtcdFleet.Lab.StandIns.Documents;
using EtcdFleet.Lab.StandIns.Kubeadm.Manifests;

namespace EtcdFleet.Lab.StandIns.ApiServer.Objects;

/// <summary>Objects kept in etcd as JSON at kube-apiserver's keys. An object's resourceVersion is the revision that wrote its key.</summary>
internal sealed class ObjectStore(EtcdRecords records, TimeProvider time)
{
    private const int Attempts = 5;

    public async Task<JsonObject> GetAsync(ApiRequest request, CancellationToken cancellationToken) => (await ReadAsync(request, cancellationToken)).Object;

    public async Task<JsonObject> ListAsync(ApiRequest request, string labelSelector, CancellationToken cancellationToken)
    {
        var (found, revision) = await records.ListAsync(request.Kind.Key(request.Space, ""), cancellationToken);
        var wanted = labelSelector.Split(',', StringSplitOptions.RemoveEmptyEntries).Select(s => s.Split('=')).ToList();
        var items = found.Select(ToObject).Where(o => wanted.All(w => o.At("metadata", "labels", w[0]) is { } value && (w.Length == 1 || value.TextAt() == w[^1]))).ToList();
        foreach (var item in items)
        {
            item.Remove("kind");
            item.Remove("apiVersion");
        }

        return new()
        {
            ["kind"] = $"{request.Kind.Kind}List",
            ["apiVersion"] = "v1",
            ["metadata"] = new JsonObject { ["resourceVersion"] = Text(revision) },
            ["items"] = JsonReading.Objects(items),
        };
    }

    public async Task<JsonObject> CreateAsync(ApiRequest request, JsonObject body, CancellationToken cancellationToken)
    {
        var name = body.TextAt("metadata", "name");
        if (name.Length == 0)
        {
            throw ApiException.Invalid(request.Kind.Kind, "", "metadata.name: Required value: name or generateName is required");
        }

        var target = request with { Name = name };
        var made = Complete(target, body);
        made.Made("metadata")["uid"] = Guid.NewGuid().ToString();
        made.Made("metadata")["creationTimestamp"] = time.GetUtcNow().ToString("yyyy-MM-dd'T'HH:mm:ss'Z'", CultureInfo.InvariantCulture);
        return await WriteAsync(target, made, 0, cancellationToken) ?? throw ApiException.AlreadyExists(request.Kind.Resource, name);
    }

    public async Task<JsonObject> ReplaceAsync(ApiRequest request, JsonObject body, CancellationToken cancellationToken)
    {
        if (body.TextAt("metadata", "name") is { Length: > 0 } name && name != request.Name)
        {
            throw ApiException.BadRequest($"the name of the object ({name}) does not match the name on the URL ({request.Name})");
        }

        return await ChangeAsync(request, there => body, body.TextAt("metadata", "resourceVersion"), cancellationToken);
    }

    /// <summary>A patch by its content type: json-patch, or a merge patch.</summary>
    public Task<JsonObject> PatchAsync(ApiRequest request, JsonNode patch, string contentType, CancellationToken cancellationToken) => ChangeAsync(
        request,
        there => contentType.Contains("json-patch", StringComparison.Ordinal) ? (JsonObject)JsonPatches.Operations(there, (JsonArray)patch)
            : contentType.Contains("merge-patch", StringComparison.Ordinal) ? (JsonObject)JsonPatches.Merge(there, patch)!
            : throw new ApiException(415, "UnsupportedMediaType", $"the body of the request was in an unknown format - accepted media types include: application/json-patch+json, application/merge-patch+json, application/strategic-merge-patch+json; found {contentType}"),
        (patch as JsonObject).TextAt("metadata", "resourceVersion"),
        cancellationToken);

    public async Task DeleteAsync(ApiRequest request, CancellationToken cancellationToken)
    {
        for (var attempt = 0; attempt < Attempts; attempt++)
        {
            var (_, revision) = await ReadAsync(request, cancellationToken);
            if (await records.SwapAsync(request.Kind.Key(request.Space, request.Name), revision, null, cancellationToken) is not null)
            {
                return;
            }
        }

        throw ApiException.Conflict(request.Kind.Resource, request.Name);
    }

    /// <summary>Whoever names a version gets a conflict when it is not the newest one; for the others the change is made on whatever is there.</summary>
    private async Task<JsonObject> ChangeAsync(ApiRequest request, Func<JsonObject, JsonObject> change, string expected, CancellationToken cancellationToken)
    {
        for (var attempt = 0; attempt < Attempts; attempt++)
        {
            var (there, revision) = await ReadAsync(request, cancellationToken);
            if (expected.Length > 0 && expected != Text(revision))
            {
                throw ApiException.Conflict(request.Kind.Resource, request.Name);
            }

            var changed = Complete(request, change(there));
            foreach (var kept in new[] { "uid", "creationTimestamp" })
            {
                changed.Made("metadata")[kept] = there.At("metadata", kept)?.DeepClone();
            }

            if (await WriteAsync(request, changed, revision, cancellationToken) is { } written)
            {
                return written;
            }
        }

        throw ApiException.Conflict(request.Kind.Resource, request.Name);
    }

    private async Task<(JsonObject Object, long Revision)> ReadAsync(ApiRequest request, CancellationToken cancellationToken)
    {
        var record = await records.FindAsync(request.Kind.Key(request.Space, request.Name), cancellationToken) ?? throw ApiException.NotFound(request.Kind.Resource, request.Name);
        return (ToObject(record), record.Revision);
    }

    private async Task<JsonObject?> WriteAsync(ApiRequest request, JsonObject value, long expected, CancellationToken cancellationToken)
    {
        value.Made("metadata").Remove("resourceVersion");
        var revision = await records.SwapAsync(request.Kind.Key(request.Space, request.Name), expected, value.ToJsonString(), cancellationToken);
        if (revision is null)
        {
            return null;
        }

        value.Made("metadata")["resourceVersion"] = Text(revision.Value);
        return value;
    }

    private static JsonObject Complete(ApiRequest request, JsonObject body)
    {
        var made = body.Copy();
        (made["kind"], made["apiVersion"]) = (request.Kind.Kind, "v1");
        var metadata = made.Made("metadata");
        metadata["name"] = request.Name;
        if (request.Kind.Namespaced)
        {
            metadata["namespace"] = request.Space;
        }

        return made;
    }

    private static JsonObject ToObject(EtcdRecord record)
    {
        var value = (JsonObject)JsonNode.Parse(record.Value)!;
        value.Made("metadata")["resourceVersion"] = Text(record.Revision);
        return value;
    }

    private static string Text(long revision) => revision.ToString(CultureInfo.InvariantCulture);
}
