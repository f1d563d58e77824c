using System.Text.Json;
using KisFeed.Gateway.Tests.Broker;

namespace KisFeed.Gateway.Tests.Web;

/// <summary>What the pages of a gateway that belongs to a cluster show.</summary>
public sealed class ClusterStatusTests : IDisposable
{
    private const string AppKey = "0123456789abcdef";

    private readonly TestConsumers _testConsumers = new();

    private GatewayCluster _cluster = new()
    {
        Node = "seoul-1",
        Role = GatewayClusterRole.Ingest,
        AppKeys = [AppKey],
        HeldAppKeys = 1,
        ReadAt = new DateTimeOffset(2026, 11, 20, 9, 0, 0, TimeSpan.FromHours(9)),
        Nodes =
        [
            new("seoul-1", GatewayClusterRole.Ingest, IsPresent: true, Wanted: 0, AppKeys: 1, TimeSpan.FromMilliseconds(20)),
            new("busan-2", GatewayClusterRole.Edge, IsPresent: false, Wanted: 3, AppKeys: 0, Lag: null),
        ],
        Leases =
        [
            new(AppKey, "production", "seoul-1", 7, Keys: 2, Slots: 41, IsHeld: true),
            new("fedcba9876543210", "production", Holder: null, 2, Keys: 0, Slots: 41, IsHeld: false),
        ],
        Keys = new GatewayClusterKeys { Wanted = 3, Waiting = 1, Free = 1, Claimed = 0, Registered = 2, Releasing = 0, Refused = 0 },
        Problems = ["app key fedcba9876543210 has no ingest: the last one has ended"],
    };

    public void Dispose() => _testConsumers.Dispose();

    [Fact]
    public async Task An_operator_sees_the_gateways_and_app_keys_and_other_consumers_do_not()
    {
        await _testConsumers.AddAsync("anna");
        await _testConsumers.AddAsync("boss", isOperator: true);
        await using var testGateway = await OpenAsync(consumers: _testConsumers);

        var all = await StatusAsync(testGateway, _testConsumers.Basic("boss"));
        var mine = await StatusAsync(testGateway, _testConsumers.Basic("anna"));

        all.ShouldHave("""{"node":"seoul-1"}""");
        JsonSerializer.Serialize(all.GetProperty("nodes")[1])
            .ShouldBe("""{"name":"busan-2","role":"edge","isPresent":false,"wanted":3,"appKeys":0,"lagSeconds":null}""");
        JsonSerializer.Serialize(all.GetProperty("leases")[0]).ShouldBe(
            $$"""{"appKey":"{{AppKey}}","environment":"production","holder":"seoul-1","epoch":7,"isHeld":true,"keys":2,"slots":41}""");
        all.GetProperty("problems").GetArrayLength().ShouldBe(1);
        JsonSerializer.Serialize(mine.GetProperty("keys"))
            .ShouldBe("""{"wanted":3,"waiting":1,"free":1,"claimed":0,"registered":2,"releasing":0,"refused":0}""");
        mine.ShouldHave("""{"role":"ingest","node":null,"nodes":null,"leases":null,"problems":null}""");
        mine.GetRawText().ShouldNotContain("seoul-1");
    }

    [Fact]
    public async Task The_status_conforms_to_the_document_with_and_without_a_problem()
    {
        await using var testGateway = await OpenAsync();
        var document = (await testGateway.GetAsync("/v1/openapi.json")).Json;
        var schema = document.GetProperty("components").GetProperty("schemas").GetProperty("Cluster");

        new JsonShape(document).FindMismatches(schema, await StatusAsync(testGateway)).ShouldBeEmpty();
        _cluster = new GatewayCluster
        {
            Node = "seoul-1",
            Role = GatewayClusterRole.Edge,
            ProblemSince = DateTimeOffset.UnixEpoch,
            Problem = "the database cannot be reached",
        };
        var unread = await StatusAsync(testGateway);

        new JsonShape(document).FindMismatches(schema, unread).ShouldBeEmpty();
        unread.ShouldHave("""{"keys":null,"problem":"the database cannot be reached"}""");
    }

    [Fact]
    public async Task Metrics_have_no_values_that_the_database_did_not_confirm()
    {
        await using var testGateway = await OpenAsync();

        var current = PrometheusPage.Parse((await testGateway.GetAsync("/metrics")).Body);
        _cluster = _cluster with
        {
            Problem = "the database cannot be reached",
            ProblemSince = DateTimeOffset.UnixEpoch,
            Role = GatewayClusterRole.Standby,
            HeldAppKeys = 0,
        };
        var stale = PrometheusPage.Parse((await testGateway.GetAsync("/metrics")).Body);

        current["kisfeed_gateway_cluster_app_keys_held"].ShouldBe(1);
        current["kisfeed_gateway_cluster_app_keys_free"].ShouldBe(1);
        current["kisfeed_gateway_cluster_keys_waiting"].ShouldBe(1);
        current["kisfeed_gateway_cluster_trouble"].ShouldBe(0);
        stale["kisfeed_gateway_cluster_app_keys_held"].ShouldBe(0);
        stale["kisfeed_gateway_cluster_trouble"].ShouldBe(1);
        stale.Series.Contains("kisfeed_gateway_cluster_app_keys_free", StringComparer.Ordinal).ShouldBeFalse();
        stale.Series.Contains("kisfeed_gateway_cluster_keys_waiting", StringComparer.Ordinal).ShouldBeFalse();
    }

    [Fact]
    public async Task A_standby_is_ready_while_another_gateway_holds_its_app_key_and_the_database_answers()
    {
        await using var testGateway = await OpenAsync(isDown: true);
        var standby = _cluster with { Role = GatewayClusterRole.Standby, HeldAppKeys = 0, Node = "seoul-2" };
        await Patience.UntilAsync(async () => (await testGateway.GetAsync("/readyz")).Status != 200);

        _cluster = standby;
        var ready = await testGateway.GetAsync("/readyz");
        (ready.Status, ready.Body).ShouldBe((200, "ready\nstandby: other gateways hold its app keys\n"));
        (await testGateway.GetAsync("/v1/status")).Json.GetProperty("isReady").GetBoolean().ShouldBeTrue();

        _cluster = standby with { Problem = "the database cannot be reached" };
        (await testGateway.GetAsync("/readyz")).Code.ShouldBe("upstreamNotReady");
        _cluster = standby with { Leases = [standby.Leases![0] with { IsHeld = false }] };
        (await testGateway.GetAsync("/readyz")).Code.ShouldBe("upstreamNotReady");
    }

    private Task<TestGateway> OpenAsync(bool isDown = false, TestConsumers? consumers = null) =>
        TestGateway.OpenAsync(with: options => options with { Cluster = () => _cluster }, isDown: isDown, consumers: consumers);

    private static async Task<JsonElement> StatusAsync(TestGateway testGateway, params string[] headers) =>
        (await testGateway.GetAsync("/v1/status", headers)).Json.GetProperty("cluster");
}
