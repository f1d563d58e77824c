using System.Diagnostics;
using System.Globalization;
using KisFeed.Cluster.Tests.Staging;
using KisFeed.TestSupport;

namespace KisFeed.Cluster.Tests;

/// <summary>
/// Two ingests with one app key, as processes: the one with the session is killed (SIGKILL), stopped (SIGSTOP) and continued, cut off from
/// everything, or cut off from PostgreSQL alone, and the other one takes over. In the last case it keeps its line to the broker, which
/// therefore does not end its session: if the other one connected before the holder has stood down, the broker would have two sessions.
/// <c>KISFEED_CLUSTER_GROUPS</c> is the number of such pairs.
/// </summary>
[Collection(ClusterCollection.Name)]
public sealed class FailoverTests(ClusterServers servers, ITestOutputHelper report)
{
    private const int AllGroups = 6;
    private const int Faults = 4;
    private const int GroupsAtOnce = 3; // Each has three processes, which must not wait long for a processor.
    private const int BudgetPerMinute = 6;
    private const string InUse = "OPSP8996";

    private static readonly TimeSpan s_limit = TimeSpan.FromMinutes(2);
    private static readonly TimeSpan s_unexplained = TimeSpan.FromSeconds(8); // Longer than leases and the broker's heartbeats explain.

    private static readonly int s_rounds = TestRun.IsFull ? 6 : 3;

    private enum Fault
    {
        Kill,
        Stop,
        CutDatabase,
        Cut,
    }

    [Fact]
    public async Task Another_ingest_takes_over_and_there_are_never_two_sessions()
    {
        var seed = TestRun.Seed;
        report.WriteLine($"seed {seed}");
        var groups = Number("KISFEED_CLUSTER_GROUPS") ?? 1;
        var takeovers = new List<(Fault Fault, TimeSpan Time)>[groups];
        await Parallel.ForAsync(
            0,
            groups,
            new ParallelOptions { MaxDegreeOfParallelism = GroupsAtOnce },
            async (group, _) => takeovers[group] = await RunAsync(group, new Random((seed * AllGroups) + group)));

        foreach (var fault in Enum.GetValues<Fault>())
        {
            var times = takeovers.SelectMany(group => group).Where(takeover => takeover.Fault == fault)
                .Select(takeover => takeover.Time.TotalSeconds).Order().ToList();
            if (times.Count > 0)
            {
                report.WriteLine(string.Create(CultureInfo.InvariantCulture, $"{fault}: {times.Count} takeovers, until data came again "
                    + $"{times[0]:0.0} to {times[^1]:0.0} s, median {times[times.Count / 2]:0.0} s"));
            }
        }
    }

    private async Task<List<(Fault Fault, TimeSpan Time)>> RunAsync(int group, Random random)
    {
        await using var cluster = await ClusterMembers.StartAsync(
            servers, string.Create(CultureInfo.InvariantCulture, $"failover{group}"), random.Next());
        await using var firstNetwork = new IngestNetwork();
        await using var secondNetwork = new IngestNetwork();
        var starting = (cluster.StartIngestAsync("first", firstNetwork.Broker, firstNetwork.Database, [1]),
            cluster.StartIngestAsync("second", secondNetwork.Broker, secondNetwork.Database, [1]), cluster.StartEdgeAsync("edge"));
        var (first, second, edge) = (await starting.Item1, await starting.Item2, await starting.Item3);
        await using var stream = KeyStream.Open(edge.Web, "index:0001");
        await UntilAsync(() => stream.Records > 0);

        var takeovers = new List<(Fault Fault, TimeSpan Time)>();
        for (var round = 0; round < s_rounds; round++)
        {
            var fault = (Fault)(round < Faults ? (group + round) % Faults : random.Next(Faults));
            var holder = (await cluster.HoldersAsync()).ShouldHaveSingleItem();
            var (node, network, other) = holder == first.Name ? (first, firstNetwork, second) : (second, secondNetwork, first);
            var stoodDown = StoodDown(node);
            await Task.Delay(random.Next(500));
            var gaps = stream.Gaps;
            var begin = Stopwatch.GetTimestamp();
            await BeginAsync(fault, node, network);
            try
            {
                await UntilAsync(() => stream.Gaps > gaps);
            }
            catch (ShouldAssertException)
            {
                report.WriteLine($"group {group}, round {round}: {fault} of {holder}; "
                    + $"{string.Join("; ", (await cluster.StatusAsync()).Leases)}; most attempts in a minute "
                    + $"{await cluster.MostAttemptsInMinuteAsync()}");
                report.WriteLine(await cluster.DescribeAsync([]));
                report.WriteLine(
                    $"the stream: {stream.Error?.ToString() ?? "open"}; its last items: {string.Join("; ", stream.Items.TakeLast(3))}");
                throw;
            }

            takeovers.Add((fault, Stopwatch.GetElapsedTime(begin)));
            if (takeovers[^1].Time > s_unexplained)
            {
                report.WriteLine($"group {group}, round {round}: {fault}, {takeovers[^1].Time}; attempts so many seconds ago: "
                    + $"{await cluster.AttemptAgesAsync()}");
            }
            (await cluster.HoldersAsync()).ShouldBe([other.Name], $"{fault} in round {round}");
            if (fault == Fault.CutDatabase)
                StoodDown(node).ShouldBe(stoodDown + 1);
            await EndAsync(fault, node, network);
            await UntilAsync(async () =>
                (await cluster.StatusAsync()).Nodes.Count(present => !present.IsEdge && present.ExpiresIn > TimeSpan.Zero) == 2);
        }

        if (cluster.BrokerMessages(InUse).Any())
            report.WriteLine($"group {group}: {string.Join(", ", takeovers)}\n{await cluster.DescribeAsync([])}");
        ShouldHaveTrueGaps(stream, takeovers.ConvertAll(takeover => takeover.Fault));
        cluster.MostSessionsAtOnce().ShouldBe(1);
        cluster.BrokerMessages(InUse).ShouldBeEmpty();
        first.Log.ShouldNotContain(InUse);
        second.Log.ShouldNotContain(InUse);
        (await cluster.MostAttemptsInMinuteAsync()).ShouldBeLessThanOrEqualTo(BudgetPerMinute);
        cluster.Simulator.Statistics.ConnectionsAccepted.ShouldBeLessThanOrEqualTo(
            (await cluster.StatusAsync()).Leases.Sum(lease => lease.AttemptsInHour));
        return takeovers;
    }

    // Each takeover is one gap, from the last record before it to the first one after it, and no record comes twice.
    private static void ShouldHaveTrueGaps(KeyStream stream, List<Fault> faults)
    {
        var items = stream.Items;
        var records = items.Where(item => !item.IsGap).ToList();
        records.Select(record => record.Id[record.Id.LastIndexOf('-')..]).Distinct(StringComparer.Ordinal).Count().ShouldBe(records.Count);
        records.Zip(records.Skip(1)).Count(pair => pair.Second.At < pair.First.At).ShouldBe(0);
        var found = 0;
        for (var i = 0; i < items.Count - 1; i++)
        {
            if (!items[i].IsGap)
                continue;
            // A holder that still publishes says what it knows first.
            string[] reasons = faults[found++] == Fault.CutDatabase ? ["moved", "stoodDown"] : ["moved"];
            items[i].Reason.ShouldNotBeNull().ShouldBeOneOf(reasons);
            items[i].From.ShouldBe(items[i - 1].At);
            items[i].At.ShouldBe(items[i + 1].At);
        }

        found.ShouldBe(faults.Count);
    }

    private static Task BeginAsync(Fault fault, GatewayNode node, IngestNetwork network)
    {
        if (fault == Fault.Kill)
            return node.KillAsync();
        if (fault == Fault.Stop)
            return node.StopAsync();
        network.Database.Cut();
        if (fault == Fault.Cut)
            network.Broker.Cut();
        return Task.CompletedTask;
    }

    private static Task EndAsync(Fault fault, GatewayNode node, IngestNetwork network)
    {
        if (fault == Fault.Kill)
            return node.StartAsync();
        if (fault == Fault.Stop)
            return node.ContinueAsync();
        network.Database.Restore();
        if (fault == Fault.Cut)
            network.Broker.Restore();
        return Task.CompletedTask;
    }

    private static int StoodDown(GatewayNode node) => node.Log.Split("and drops its session").Length - 1;

    private static int? Number(string variable) =>
        Environment.GetEnvironmentVariable(variable) is { Length: > 0 } text ? int.Parse(text, CultureInfo.InvariantCulture) : null;

    private static Task UntilAsync(
        Func<bool> condition, [System.Runtime.CompilerServices.CallerArgumentExpression(nameof(condition))] string text = "") =>
        Patience.UntilAsync(condition, text, s_limit);

    private static Task UntilAsync(
        Func<Task<bool>> condition, [System.Runtime.CompilerServices.CallerArgumentExpression(nameof(condition))] string text = "") =>
        Patience.UntilAsync(condition, text, s_limit);

    // The line to the broker and RabbitMQ, and the one to PostgreSQL.
    private sealed class IngestNetwork : IAsyncDisposable
    {
        public HeldNetwork Broker { get; } = new();

        public HeldNetwork Database { get; } = new();

        public async ValueTask DisposeAsync()
        {
            await Broker.DisposeAsync();
            await Database.DisposeAsync();
        }
    }
}
