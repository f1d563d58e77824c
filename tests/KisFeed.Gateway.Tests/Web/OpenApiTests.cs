using System.Text.Json;
using KisFeed.Feeds;
using KisFeed.Gateway.Tests.Broker;
using KisFeed.Simulator;

namespace KisFeed.Gateway.Tests.Web;

/// <summary>The document of the plain HTTP side says what is there, and answers are as it says.</summary>
public sealed class OpenApiTests : IDisposable
{
    private readonly Household _household = new();

    public void Dispose() => _household.Dispose();

    [Fact]
    public async Task Every_path_that_is_answered_is_in_it_and_no_other()
    {
        await using var stage = await Stage.OpenAsync();

        var document = (await stage.GetAsync("/v1/openapi.json")).Json;

        document.GetProperty("paths").EnumerateObject().Select(p => p.Name)
            .ShouldBe(stage.Gateway.Routes.Select(r => r.Replace("?}", "}", StringComparison.Ordinal)), ignoreOrder: true);
        ReferencesIn(document).ShouldAllBe(reference => new JsonShape(document).Find(reference).ValueKind == JsonValueKind.Object);
    }

    [Fact]
    public async Task Every_answer_is_as_it_says()
    {
        await using var stage = await Stage.OpenAsync();
        var document = (await stage.GetAsync("/v1/openapi.json")).Json;
        await using var client = await stage.ConnectAsync();
        await client.RegisterAsync(Stage.Index, "0001");
        await client.RegisterAsync("H0IFCNI0", "anna");
        await client.ReceiveFrameAsync();

        await CheckAsync(stage, document, "/", "/");
        await CheckAsync(stage, document, "/assets/{file}", "/assets/none", 404);
        await CheckAsync(stage, document, "/healthz", "/healthz");
        await CheckAsync(stage, document, "/readyz", "/readyz");
        await CheckAsync(stage, document, "/v1/status", "/v1/status");
        await CheckAsync(stage, document, "/v1/dashboard", "/v1/dashboard");
        await CheckAsync(stage, document, "/v1/instruments", "/v1/instruments");
        await CheckAsync(stage, document, "/v1/feeds", "/v1/feeds");
        foreach (var feed in KisFeeds.Catalog.Feeds)
            await CheckAsync(stage, document, "/v1/feeds/{feed}", $"/v1/feeds/{feed.TrId}");
        await CheckAsync(stage, document, "/v1/feeds/{feed}", "/v1/feeds/none", 404);
        await CheckAsync(stage, document, "/v1/last/{feed}/{key}", "/v1/last/index/0001");
        await CheckAsync(stage, document, "/v1/last/{feed}/{key}", "/v1/last/index/0001?names=kis");
        await CheckAsync(stage, document, "/v1/last/{feed}/{key}", "/v1/last/index/0002", 404);
        await CheckAsync(stage, document, "/v1/last/{feed}/{key}", "/v1/last/index/0002?x=y", 400);
        await CheckAsync(stage, document, "/v1/history/{feed}/{key}", "/v1/history/index/0001");
        await CheckAsync(stage, document, "/v1/history/{feed}/{key}", "/v1/history/index/0002", 404);
        await CheckAsync(stage, document, "/v1/history/{feed}/{key}", "/v1/history/index/0001?names=kis", 400);
        await CheckAsync(stage, document, "/v1/openapi.json", "/v1/openapi.json");
        await CheckAsync(stage, document, "/metrics", "/metrics");
        await CheckAsync(stage, document, "/v1/stream", "/v1/stream", 400);
        await CheckAsync(stage, document, "/v1/stream", "/v1/stream?subscribe=index:x", 400);
        await CheckAsync(stage, document, "/v1/stream", "/v1/stream?subscribe=index:0001&names=korean", 400);
        await stage.Simulator.DisposeAsync();
        using var patience = new CancellationTokenSource(Patience.Limit);
        while ((await stage.GetAsync("/readyz")).Status == 200)
            await Task.Delay(2, patience.Token);
        await CheckAsync(stage, document, "/readyz", "/readyz", 503);
        await CheckAsync(stage, document, "/v1/status", "/v1/status");
        await CheckAsync(stage, document, "/v1/last/{feed}/{key}", "/v1/last/index/0001");
        await CheckAsync(stage, document, "/v1/history/{feed}/{key}", "/v1/history/index/0001");
    }

    [Fact]
    public async Task Every_refusal_is_as_it_says()
    {
        await _household.AddAsync("bonds", feeds: ["H0BJCNT0"]);
        await using var stage = await Stage.OpenAsync(
            new SimulatorOptions(), options => options with { TokenFile = _household.TokenFile, TimeProvider = new ManualTimeProvider(), Limits = ConsumerLimits.Default with { RequestBurst = 2 } });
        var bonds = WebClient.Basic(_household["bonds"]);
        var document = (await stage.GetAsync("/v1/openapi.json", bonds)).Json;

        await CheckAsync(stage, document, "/v1/last/{feed}/{key}", "/v1/last/index/0001", 403, bonds);
        await CheckAsync(stage, document, "/v1/stream", "/v1/stream?subscribe=index:0001", 429, bonds);
        await CheckAsync(stage, document, "/v1/stream", "/v1/stream?subscribe=index:0001", 401);
        foreach (var path in (string[])["/", "/v1/status", "/v1/dashboard", "/v1/instruments", "/v1/feeds", "/metrics", "/v1/openapi.json"])
        {
            await CheckAsync(stage, document, path, path, 429, bonds);
            await CheckAsync(stage, document, path, path, 401);
            await CheckAsync(stage, document, path, path, 403, "Origin: null");
        }

        await CheckAsync(stage, document, "/healthz", "/healthz", 403, "Origin: null");
        await CheckAsync(stage, document, "/readyz", "/readyz", 403, "Origin: null");
    }

    private static async Task CheckAsync(Stage stage, JsonElement document, string path, string target, int status = 200, params string[] headers)
    {
        var reply = await stage.GetAsync(target, headers);
        reply.Status.ShouldBe(status, target);
        var shape = new JsonShape(document);
        var response = document.GetProperty("paths").GetProperty(path).GetProperty("get").GetProperty("responses").GetProperty($"{status}");
        if (response.TryGetProperty("$ref", out var reference))
            response = shape.Find(reference.GetString()!);
        var type = reply.Headers["Content-Type"];
        type.ShouldEndWith("; charset=utf-8");
        var schema = response.GetProperty("content").GetProperty(type.Split(';')[0]).GetProperty("schema");
        var value = type.Contains("json", StringComparison.Ordinal) ? reply.Body : JsonSerializer.Serialize(reply.Body);
        using var parsed = JsonDocument.Parse(value);
        shape.Misfits(schema, parsed.RootElement).ShouldBeEmpty(target);
        foreach (var header in response.TryGetProperty("headers", out var expected) ? expected.EnumerateObject().Select(h => h.Name) : [])
            reply.Headers.ContainsKey(header).ShouldBeTrue(header);
    }

    private static IEnumerable<string> ReferencesIn(JsonElement element) => element.ValueKind switch
    {
        JsonValueKind.Object => element.EnumerateObject().SelectMany(p => p.NameEquals("$ref") ? [p.Value.GetString()!] : ReferencesIn(p.Value)),
        JsonValueKind.Array => element.EnumerateArray().SelectMany(ReferencesIn),
        _ => [],
    };
}
