using KisFeed.Cluster.Tests.Staging;
using KisFeed.Simulator;
using KisFeed.TestSupport;

namespace KisFeed.Cluster.Tests;

/// <summary>
/// An ingest with <c>--coordination-outage keep-session</c> loses PostgreSQL alone, and keeps its line to the broker.
/// <see cref="FailoverTests"/> have the same fault with the other policy.
/// </summary>
[Collection(ClusterCollection.Name)]
public sealed class KeepSessionTests(ClusterServers servers, ITestOutputHelper report)
{
    private const string InUse = "OPSP8996";
    private const int RecordsWithoutDatabase = 20;

    private static readonly TimeSpan s_limit = TimeSpan.FromMinutes(2);

    [Fact]
    public async Task A_holder_that_keeps_its_session_delivers_without_the_database_until_another_ingest_has_the_app_key()
    {
        var heartbeat = SimulatorOptions.Default.HeartbeatTimeout;
        await using var cluster = await ClusterMembers.StartAsync(servers, "keepsession", TestRun.Seed, heartbeat);
        try
        {
            await RunAsync(cluster);
        }
        catch (ShouldAssertException)
        {
            report.WriteLine(await cluster.DescribeAsync([]));
            throw;
        }
    }

    private static async Task RunAsync(ClusterMembers cluster)
    {
        await using var network = new HeldNetwork();
        await using var database = new HeldNetwork();
        string[] keepsSession = ["--coordination-outage", "keep-session"];
        var starting = (cluster.StartIngestAsync("holder", network, database, [1], keepsSession), cluster.StartEdgeAsync("edge"));
        var (holder, edge) = (await starting.Item1, await starting.Item2);
        await using var stream = KeyStream.Open(edge.Web, "index:0001");
        await Patience.UntilAsync(() => stream.Records > 0, limit: s_limit);

        database.Cut();
        await Patience.UntilAsync(async () => (await cluster.HoldersAsync()) is [""], limit: s_limit);
        await UntilMoreAsync(stream);
        database.Restore();
        await Patience.UntilAsync(async () => (await cluster.HoldersAsync()) is ["holder"], limit: s_limit);
        stream.Gaps.ShouldBe(0);
        cluster.Simulator.Statistics.ConnectionsAccepted.ShouldBe(1);
        StoodDown(holder).ShouldBe(0);
        if (!TestRun.IsFull)
            return;

        // Another ingest takes the lease, and the broker is the fence: it refuses the second session until the first one knows.
        database.Cut();
        await cluster.StartIngestAsync("other", network, [1], keepsSession);
        await Patience.UntilAsync(() => cluster.BrokerMessages(InUse).Any(), limit: s_limit);
        (await cluster.HoldersAsync()).ShouldBe(["other"]);
        await UntilMoreAsync(stream);
        stream.Gaps.ShouldBe(0);
        database.Restore();
        await Patience.UntilAsync(() => StoodDown(holder) == 1, limit: s_limit);

        // After the delay for an app key in use, which is 30 s at first.
        await Patience.UntilAsync(() => stream.Gaps == 1 && !stream.Items[^1].IsGap, limit: s_limit);
        cluster.RegisteredKeys().ShouldBe(["0001"]);
        (await cluster.HoldersAsync()).ShouldBe(["other"]);
    }

    private static Task UntilMoreAsync(KeyStream stream)
    {
        var records = stream.Records;
        return Patience.UntilAsync(() => stream.Records >= records + RecordsWithoutDatabase, limit: s_limit);
    }

    private static int StoodDown(GatewayNode node) => node.Log.Split("and drops its session").Length - 1;
}
