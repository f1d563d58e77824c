using KisFeed.Dashboard.Tests.Browsing;
using KisFeed.Dashboard.Tests.Staging;
using KisFeed.Gateway;

namespace KisFeed.Dashboard.Tests;

/// <summary>The cluster in the health panel.</summary>
[Trait(TestRun.Length, TestRun.Long)]
public sealed class ClusterTests(Chromium chromium) : DashboardTests(chromium)
{
    [Fact]
    public async Task The_health_panel_shows_gateways_app_keys_keys_and_problems()
    {
        var cluster = new GatewayCluster
        {
            Node = "edge-seoul-1",
            Role = GatewayClusterRole.Edge,
            ReadAt = new DateTimeOffset(2026, 11, 20, 9, 4, 7, TimeSpan.FromHours(9)),
            Nodes =
            [
                new("edge-seoul-1", GatewayClusterRole.Edge, IsPresent: true, Wanted: 1_204, AppKeys: 0, TimeSpan.FromMilliseconds(240)),
                new("ingest-1", GatewayClusterRole.Ingest, IsPresent: true, Wanted: 0, AppKeys: 1, TimeSpan.Zero),
            ],
            Leases = [new("0123456789abcdef", "production", "ingest-1", 7, Keys: 40, Slots: 41, IsHeld: true)],
            Keys = new GatewayClusterKeys
            {
                Wanted = 1_204,
                Waiting = 0,
                Free = 0,
                Claimed = 0,
                Registered = 1_204,
                Releasing = 0,
                Refused = 0,
            },
        };
        await using var host = await DashboardHost.OpenAsync(gateway: options => options with { Cluster = () => cluster });
        await VisitAsync(
            host,
            async viewer =>
            {
                await viewer.OpenHealthAsync();
                await Expect(viewer.Health("cluster-gateway")).ToHaveTextAsync("Edge · edge-seoul-1");
                await Expect(viewer.Health("cluster-database")).ToHaveTextAsync("database answers");
                await Expect(viewer.Health("cluster-keys")).ToHaveTextAsync("1,204 registered · 1,204 wanted");
                await Expect(viewer.Page.Locator("#cluster .problem")).ToBeHiddenAsync();
                var edge = viewer.Page.Locator("#cluster tr[data-name='edge-seoul-1']");
                await Expect(Viewer.Field(edge, "role")).ToHaveTextAsync("Edge");
                await Expect(Viewer.Field(edge, "wanted")).ToHaveTextAsync("1,204");
                await Expect(Viewer.Field(edge, "lag")).ToHaveTextAsync("0.2 s");
                var lease = viewer.Page.Locator("#cluster tr[data-name='0123456789abcdef']");
                await Expect(Viewer.Field(lease, "app-key")).ToHaveTextAsync("01234567");
                await Expect(Viewer.Field(lease, "holder")).ToHaveTextAsync("ingest-1");
                await Expect(Viewer.Field(lease, "keys")).ToHaveTextAsync("40 of 41");

                cluster = cluster with
                {
                    ProblemSince = new DateTimeOffset(2026, 11, 20, 9, 4, 12, TimeSpan.FromHours(9)),
                    Problem = "the database cannot be reached",
                    Nodes = [cluster.Nodes[0], cluster.Nodes[1] with { IsPresent = false, Role = GatewayClusterRole.Standby, AppKeys = 0 }],
                    Leases = [cluster.Leases[0] with { IsHeld = false }],
                    Keys = cluster.Keys with { Waiting = 40 },
                    Problems =
                        ["app key 0123456789abcdef has no ingest: the lease of ingest-1 has expired", "40 wanted keys are not registered"],
                };
                await Expect(viewer.Health("cluster-database"))
                    .ToHaveTextAsync("no answer since 09:04:12 · the database cannot be reached · as of 09:04:07");
                await Expect(viewer.Health("cluster-database")).ToHaveAttributeAsync("data-severity", "bad");
                await Expect(viewer.Health("cluster-keys")).ToHaveTextAsync("1,204 registered · 1,204 wanted · 40 waiting");
                await Expect(viewer.Page.Locator("#cluster .problem li")).ToHaveCountAsync(2);
                await Expect(viewer.HealthLine("operation")).ToHaveTextAsync("Gateway needs attention");
                await Expect(Viewer.Field(viewer.Page.Locator("#cluster tr[data-name='ingest-1']"), "role"))
                    .ToHaveTextAsync("Standby · gone");
                await Expect(Viewer.Field(lease, "holder")).ToHaveTextAsync("nobody");
            },
            View.Desktop with { Language = "en-US" });
    }

    [Fact]
    public async Task A_standby_is_not_a_problem_and_a_gateway_without_a_cluster_shows_none()
    {
        var cluster = new GatewayCluster { Node = "ingest-2", Role = GatewayClusterRole.Standby, AppKeys = ["0123456789abcdef"] };
        await using var host = await DashboardHost.OpenAsync(gateway: options => options with { Cluster = () => cluster });
        await VisitAsync(
            host,
            async viewer =>
            {
                await viewer.OpenHealthAsync();
                await Expect(viewer.Health("session")).ToHaveTextAsync("예비");
                await Expect(viewer.Health("cluster-gateway")).ToHaveTextAsync("예비 · ingest-2");
                await Expect(viewer.Health("cluster-database")).ToHaveTextAsync("아직 읽지 않음");
                await Expect(viewer.Page.Locator("#cluster table").First).ToBeHiddenAsync();
            },
            View.Desktop);
        await using var alone = await DashboardHost.OpenAsync();
        await VisitAsync(
            alone,
            async viewer =>
            {
                await viewer.OpenHealthAsync();
                await Expect(viewer.Page.Locator("#cluster")).ToBeHiddenAsync();
            },
            View.Desktop);
    }
}
