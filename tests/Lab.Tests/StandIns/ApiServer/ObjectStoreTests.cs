using System.Text.Json.Nodes;
using EtcdFleet.Lab.StandIns.Documents;
using EtcdFleet.TestKit;
using Xunit;

namespace EtcdFleet.Lab.Tests.StandIns.ApiServer;

/// <summary>Objects over the API: where they are kept, and who wins.</summary>
public sealed class ObjectStoreTests(OneControlPlane fixture) : IClassFixture<OneControlPlane>
{
    private const string ConfigMaps = "/api/v1/namespaces/default/configmaps";

    private ControlPlaneBench Bench => fixture.Bench;

    [Fact]
    public async Task ConfigMap_IsKeptWhereTheRealOneKeepsIt_AtTheRevisionThatIsItsVersion()
    {
        var made = await CheckedAsync(201, "POST", ConfigMaps, Map("kept", "1"));
        var stored = await EtcdCluster.CtlAsync(Bench.Etcd[0], "get", "/registry/configmaps/default/kept", "--write-out=fields");
        Assert.Contains($"\"ModRevision\" : {made.TextAt("metadata", "resourceVersion")}\n", stored);
        Assert.Equal("1", (await CheckedAsync(200, "GET", $"{ConfigMaps}/kept")).TextAt("data", "n"));
    }

    [Fact]
    public async Task Put_WithAnOldVersion_IsAConflict()
    {
        var first = await CheckedAsync(201, "POST", ConfigMaps, Map("contended", "1"));
        var second = await CheckedAsync(200, "PUT", $"{ConfigMaps}/contended", Changed(first, "2"));
        Assert.NotEqual(first.TextAt("metadata", "resourceVersion"), second.TextAt("metadata", "resourceVersion"));
        var refused = await CheckedAsync(409, "PUT", $"{ConfigMaps}/contended", Changed(first, "3"));
        Assert.Equal(("Status", "Conflict"), (refused.TextAt("kind"), refused.TextAt("reason")));
        Assert.StartsWith("Operation cannot be fulfilled on configmaps \"contended\": the object has been modified", refused.TextAt("message"));
        var unconditional = await CheckedAsync(200, "PUT", $"{ConfigMaps}/contended", Map("contended", "4"));
        Assert.Equal(first.TextAt("metadata", "uid"), unconditional.TextAt("metadata", "uid"));
    }

    [Fact]
    public async Task Post_Twice_IsAlreadyExists()
    {
        await CheckedAsync(201, "POST", ConfigMaps, Map("once", "1"));
        Assert.Equal("AlreadyExists", (await CheckedAsync(409, "POST", ConfigMaps, Map("once", "2"))).TextAt("reason"));
        Assert.Equal("1", (await CheckedAsync(200, "GET", $"{ConfigMaps}/once")).TextAt("data", "n"));
    }

    [Fact]
    public async Task Patch_Merges_AndDelete_TakesAway()
    {
        await CheckedAsync(201, "POST", ConfigMaps, Map("patched", "1"));
        var patch = JsonNode.Parse("""{"data":{"n":null,"m":"2"}}""")!;
        Assert.Equal(415, (await Bench.SendAsync("admin.conf", "PATCH", $"{ConfigMaps}/patched", patch)).Status);
        var (status, text) = await Bench.SendAsync("admin.conf", "PATCH", $"{ConfigMaps}/patched", patch, "application/merge-patch+json");
        Assert.Equal((200, """{"m":"2"}"""), (status, JsonNode.Parse(text).At("data")!.ToJsonString()));
        Assert.Equal("Success", (await CheckedAsync(200, "DELETE", $"{ConfigMaps}/patched")).TextAt("status"));
        Assert.Equal("configmaps \"patched\" not found", (await CheckedAsync(404, "GET", $"{ConfigMaps}/patched")).TextAt("message"));
    }

    [Fact]
    public async Task List_IsOfTheNamespace_AndOfTheLabel()
    {
        const string own = "/api/v1/namespaces/listed/configmaps";
        await CheckedAsync(201, "POST", own, Map("a", "1"));
        var labelled = Map("b", "2");
        labelled.Made("metadata")["labels"] = new JsonObject { ["tier"] = "x" };
        await CheckedAsync(201, "POST", own, labelled);
        var all = await CheckedAsync(200, "GET", own);
        Assert.Equal(("ConfigMapList", 2), (all.TextAt("kind"), all["items"]!.AsArray().Count));
        Assert.Equal("b", Assert.Single((await CheckedAsync(200, "GET", $"{own}?labelSelector=tier%3Dx"))["items"]!.AsArray()).TextAt("metadata", "name"));
    }

    private static JsonObject Map(string name, string value) => new() { ["metadata"] = new JsonObject { ["name"] = name }, ["data"] = new JsonObject { ["n"] = value } };

    private static JsonObject Changed(JsonObject map, string value)
    {
        var changed = map.Copy();
        changed.Made("data")["n"] = value;
        return changed;
    }

    private async Task<JsonObject> CheckedAsync(int expected, string method, string path, JsonNode? body = null)
    {
        var (status, text) = await Bench.SendAsync("admin.conf", method, path, body);
        Assert.True(status == expected, $"{method} {path}: {status}, expected {expected}: {text}");
        return (JsonObject)JsonNode.Parse(text)!;
    }
}
