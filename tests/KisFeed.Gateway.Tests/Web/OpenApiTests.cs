using System.Text.Json;
using System.Text.RegularExpressions;
using KisFeed.Capture;
using KisFeed.Feeds;
using KisFeed.Gateway.Hub;
using KisFeed.Gateway.Tests.Broker;
using KisFeed.Gateway.Web;

namespace KisFeed.Gateway.Tests.Web;

/// <summary>The OpenAPI document is complete, and responses conform to it.</summary>
public sealed class OpenApiTests : IDisposable
{
    private readonly TestConsumers _testConsumers = new();

    public void Dispose() => _testConsumers.Dispose();

    [Fact]
    public async Task The_document_has_exactly_the_served_paths()
    {
        await using var testGateway = await TestGateway.OpenAsync();

        var document = (await testGateway.GetAsync("/v1/openapi.json")).Json;

        document.GetProperty("paths").EnumerateObject().Select(p => p.Name)
            .ShouldBe(testGateway.Gateway.Routes.Select(r => r.Replace("?}", "}", StringComparison.Ordinal)), ignoreOrder: true);
        ReferencesIn(document).ShouldAllBe(reference => new JsonShape(document).Find(reference).ValueKind == JsonValueKind.Object);
    }

    [Fact]
    public async Task Every_response_conforms_to_the_document()
    {
        await using var testGateway = await TestGateway.OpenAsync();
        var document = (await testGateway.GetAsync("/v1/openapi.json")).Json;
        await using var client = await testGateway.ConnectAsync();
        await client.RegisterAsync(TestGateway.Index, "0001");
        await client.ReceiveFrameAsync();
        await client.RegisterAsync("H0IFCNI0", "anna");

        foreach (var path in (string[])["/", "/healthz", "/readyz", "/v1/status", "/v1/dashboard", "/v1/instruments", "/v1/feeds",
            "/v1/openapi.json", "/metrics"])
        {
            await CheckAsync(testGateway, document, path, path);
        }

        await CheckAsync(testGateway, document, "/assets/{file}", "/assets/none", 404);
        foreach (var feed in KisFeeds.Catalog.Feeds)
            await CheckAsync(testGateway, document, "/v1/feeds/{feed}", $"/v1/feeds/{feed.TrId}");
        await CheckAsync(testGateway, document, "/v1/feeds/{feed}", "/v1/feeds/none", 404);
        await CheckAsync(testGateway, document, "/v1/last/{feed}/{key}", "/v1/last/index/0001");
        await CheckAsync(testGateway, document, "/v1/last/{feed}/{key}", "/v1/last/index/0001?names=kis");
        await CheckAsync(testGateway, document, "/v1/last/{feed}/{key}", "/v1/last/index/0002", 404);
        await CheckAsync(testGateway, document, "/v1/last/{feed}/{key}", "/v1/last/index/0002?x=y", 400);
        await CheckAsync(testGateway, document, "/v1/history/{feed}/{key}", "/v1/history/index/0001");
        await CheckAsync(testGateway, document, "/v1/history/{feed}/{key}", "/v1/history/index/0002", 404);
        await CheckAsync(testGateway, document, "/v1/history/{feed}/{key}", "/v1/history/index/0001?names=kis", 400);
        await CheckAsync(testGateway, document, "/v1/days", "/v1/days", 404);
        await CheckAsync(testGateway, document, "/v1/days/{date}", "/v1/days/2026-11-20?subscribe=index:0001", 404);
        await CheckAsync(testGateway, document, "/v1/stream", "/v1/stream", 400);
        await CheckAsync(testGateway, document, "/v1/stream", "/v1/stream?subscribe=index:x", 400);
        await CheckAsync(testGateway, document, "/v1/stream", "/v1/stream?subscribe=index:0001&names=korean", 400);
        await testGateway.Simulator.DisposeAsync();
        await Patience.UntilAsync(async () => (await testGateway.GetAsync("/readyz")).Status != 200);
        await CheckAsync(testGateway, document, "/readyz", "/readyz", 503);
        await CheckAsync(testGateway, document, "/v1/status", "/v1/status");
        await CheckAsync(testGateway, document, "/v1/last/{feed}/{key}", "/v1/last/index/0001");
        await CheckAsync(testGateway, document, "/v1/history/{feed}/{key}", "/v1/history/index/0001");
    }

    [Fact]
    public async Task Every_error_response_conforms_to_the_document()
    {
        await _testConsumers.AddAsync("bonds", feeds: ["H0BJCNT0"]);
        await using var testGateway = await TestGateway.OpenAsync(
            with: options =>
                options with { TimeProvider = new ManualTimeProvider(), Limits = ConsumerLimits.Default with { RequestBurst = 2 } },
            consumers: _testConsumers);
        var bonds = _testConsumers.Basic("bonds");
        var document = (await testGateway.GetAsync("/v1/openapi.json", bonds)).Json;

        await CheckAsync(testGateway, document, "/v1/last/{feed}/{key}", "/v1/last/index/0001", 403, bonds);
        await CheckAsync(testGateway, document, "/v1/stream", "/v1/stream?subscribe=index:0001", 429, bonds);
        await CheckAsync(testGateway, document, "/v1/stream", "/v1/stream?subscribe=index:0001", 401);
        foreach (var path in (string[])["/", "/v1/status", "/v1/dashboard", "/v1/instruments", "/v1/feeds", "/metrics", "/v1/openapi.json"])
        {
            await CheckAsync(testGateway, document, path, path, 429, bonds);
            await CheckAsync(testGateway, document, path, path, 401);
            await CheckAsync(testGateway, document, path, path, 403, "Origin: null");
        }

        await CheckAsync(testGateway, document, "/healthz", "/healthz", 403, "Origin: null");
        await CheckAsync(testGateway, document, "/readyz", "/readyz", 403, "Origin: null");
    }

    [Fact]
    public async Task Each_path_has_the_methods_and_parameters_of_the_document_and_refuses_others_as_documented()
    {
        await _testConsumers.AddAsync("anna");
        await using var testGateway = await TestGateway.OpenAsync(consumers: _testConsumers);
        var anna = _testConsumers.Basic("anna");
        var document = (await testGateway.GetAsync("/v1/openapi.json", anna)).Json;
        var shape = new JsonShape(document);

        // The paths of the broker's protocol answer as the broker does, and browsers get the dashboard at / whatever the parameters.
        foreach (var path in document.GetProperty("paths").EnumerateObject().Where(IsOwn))
        {
            var target = path.Name.Replace("{", "", StringComparison.Ordinal).Replace("}", "", StringComparison.Ordinal);
            var method = path.Value.TryGetProperty("get", out var operation) ? "GET" : "POST";
            if (method == "POST")
                operation = path.Value.GetProperty("post");
            (await testGateway.SendAsync("OPTIONS", target)).Headers["Allow"]
                .ShouldBe(method == "GET" ? "GET, HEAD, OPTIONS" : "POST, OPTIONS", path.Name);
            (await testGateway.SendAsync("DELETE", target)).Status.ShouldBe(405, path.Name);

            var names = ParametersOf(path.Value).Concat(ParametersOf(operation))
                .Select(p => p.TryGetProperty("$ref", out var reference) ? shape.Find(reference.GetString()!) : p)
                .Where(p => p.GetProperty("in").GetString() == "query").Select(p => p.GetProperty("name").GetString()!).ToList();
            if (operation.TryGetProperty("security", out var security) && security.GetArrayLength() == 0)
                names.ShouldBeEmpty(path.Name);
            else
                names.Add("approval_key");
            var refusal = await testGateway.SendAsync(method, $"{target}?unknown=1", anna);
            refusal.Code.ShouldBe("unknownParameter", path.Name);
            var list = Regex.Match(
                JsonSerializer.Deserialize<JsonElement>(refusal.Body).GetProperty("detail").GetString()!,
                "parameters? (is|are) (?<names>.+)[.]$",
                RegexOptions.ExplicitCapture,
                TimeSpan.FromSeconds(5)).Groups["names"];
            list.Value.Split([", ", " and "], StringSplitOptions.RemoveEmptyEntries).Order(StringComparer.Ordinal)
                .ShouldBe(names.Order(StringComparer.Ordinal), path.Name);
            operation.GetProperty("responses").TryGetProperty("400", out _).ShouldBeTrue(path.Name);
        }
    }

    [Theory]
    [InlineData("Status", typeof(GatewayStatus))]
    [InlineData("Moment", typeof(GatewayMoment))]
    [InlineData("UpstreamSession", typeof(UpstreamStatus))]
    [InlineData("Registration", typeof(GatewayRegistration))]
    [InlineData("Totals", typeof(GatewayTotals))]
    [InlineData("Consumer", typeof(ConsumerStatus))]
    [InlineData("Recording", typeof(CaptureRecorderStatus))]
    [InlineData("Sink", typeof(RecordingSinkStatus))]
    [InlineData("Publisher", typeof(FramePublisherStatus))]
    [InlineData("Cluster", typeof(GatewayCluster))]
    [InlineData("ClusterKeys", typeof(GatewayClusterKeys))]
    [InlineData("ClusterNode", typeof(GatewayClusterNode))]
    [InlineData("ClusterLease", typeof(GatewayClusterLease))]
    [InlineData("Dashboard", typeof(DashboardSettings))]
    [InlineData("Key", typeof(HubKey))]
    public void Each_schema_has_the_members_of_its_type(string name, Type type)
    {
        using var document = JsonDocument.Parse(typeof(GatewayServer).Assembly.GetManifestResourceStream("KisFeed.Gateway.openapi.json")!);
        var schema = document.RootElement.GetProperty("components").GetProperty("schemas").GetProperty(name);

        var members = WebJson.Default.GetTypeInfo(type)!.Properties.Where(member => member.Get is not null).Select(member => member.Name)
            .ToList();

        schema.GetProperty("required").EnumerateArray().Select(member => member.GetString()).ShouldBe(members);
        if (schema.TryGetProperty("properties", out var properties)
            && schema.GetProperty("additionalProperties").ValueKind == JsonValueKind.False)
        {
            properties.EnumerateObject().Select(member => member.Name).ShouldBe(members);
        }
    }

    private static bool IsOwn(JsonProperty path) =>
        path.Name == "/"
        || path.Name.StartsWith("/v1/", StringComparison.Ordinal)
        || HealthPages.Paths.Contains(path.Name, StringComparer.Ordinal);

    private static JsonElement.ArrayEnumerator ParametersOf(JsonElement element) =>
        element.TryGetProperty("parameters", out var parameters) ? parameters.EnumerateArray() : default;

    private static async Task CheckAsync(
        TestGateway testGateway, JsonElement document, string path, string target, int status = 200, params string[] headers)
    {
        var reply = await testGateway.GetAsync(target, headers);
        reply.Status.ShouldBe(status, target);
        var shape = new JsonShape(document);
        var response = document.GetProperty("paths").GetProperty(path).GetProperty("get").GetProperty("responses").GetProperty($"{status}");
        if (response.TryGetProperty("$ref", out var reference))
            response = shape.Find(reference.GetString()!);
        var type = reply.Headers["Content-Type"];
        type.ShouldEndWith("; charset=utf-8");
        var schema = response.GetProperty("content").GetProperty(type.Split(';')[0]).GetProperty("schema");
        var value = type.Contains("json", StringComparison.Ordinal) ? reply.Body : JsonSerializer.Serialize(reply.Body);
        shape.FindMismatches(schema, JsonSerializer.Deserialize<JsonElement>(value)).ShouldBeEmpty(target);
        foreach (var header in response.TryGetProperty("headers", out var expected) ? expected.EnumerateObject().Select(h => h.Name) : [])
            reply.Headers.ContainsKey(header).ShouldBeTrue(header);
    }

    private static IEnumerable<string> ReferencesIn(JsonElement element) => element.ValueKind switch
    {
        JsonValueKind.Object =>
            element.EnumerateObject().SelectMany(p => p.NameEquals("$ref") ? [p.Value.GetString()!] : ReferencesIn(p.Value)),
        JsonValueKind.Array => element.EnumerateArray().SelectMany(ReferencesIn),
        _ => [],
    };
}
