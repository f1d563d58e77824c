using System.Diagnostics;
using System.Globalization;
using KisFeed.Cluster.Tests.Staging;
using KisFeed.Testing;
using Xunit.Abstractions;

namespace KisFeed.Cluster.Tests;

/// <summary>
/// Two ingests with one app key, as processes: the one with the session is killed (SIGKILL), stopped (SIGSTOP) and continued, or cut off from everything, and the other one takes over.
/// </summary>
[Collection(ClusterCollection.Name)]
public sealed class FailoverTests(ClusterServers servers, ITestOutputHelper report)
{
    private const int AllGroups = 6;
    private const int GroupsAtOnce = 3; // Each has three processes, which must not wait long for a processor.
    private const int BudgetPerMinute = 6;
    private const string InUse = "OPSP8996";

    private static readonly TimeSpan s_limit = TimeSpan.FromMinutes(2);

    private static readonly int s_rounds = TestRun.IsFull ? 5 : 2;

    private enum Fault
    {
        Kill,
        Stop,
        Cut,
    }

    [Fact]
    public async Task Another_ingest_takes_over_and_there_are_never_two_sessions()
    {
        var seed = TestRun.Seed;
        report.WriteLine($"seed {seed}");
        var groups = Number("KISFEED_CLUSTER_GROUPS") ?? 1;
        var takeovers = new List<(Fault Fault, TimeSpan Time)>[groups];
        await Parallel.ForAsync(0, groups, new ParallelOptions { MaxDegreeOfParallelism = GroupsAtOnce }, async (group, _) => takeovers[group] = await RunAsync(group, new Random((seed * AllGroups) + group)));

        foreach (var fault in Enum.GetValues<Fault>())
        {
            var times = takeovers.SelectMany(group => group).Where(takeover => takeover.Fault == fault).Select(takeover => takeover.Time.TotalSeconds).Order().ToList();
            if (times.Count > 0)
                report.WriteLine(string.Create(CultureInfo.InvariantCulture, $"{fault}: {times.Count} takeovers, until data came again {times[0]:0.0} to {times[^1]:0.0} s, median {times[times.Count / 2]:0.0} s"));
        }
    }

    private async Task<List<(Fault Fault, TimeSpan Time)>> RunAsync(int group, Random random)
    {
        await using var cluster = await ClusterMembers.StartAsync(servers, string.Create(CultureInfo.InvariantCulture, $"failover{group}"), random.Next());
        await using var firstNetwork = new HeldNetwork();
        await using var secondNetwork = new HeldNetwork();
        var starting = (cluster.StartIngestAsync("first", firstNetwork, [1]), cluster.StartIngestAsync("second", secondNetwork, [1]), cluster.StartEdgeAsync("edge"));
        var (first, second, edge) = (await starting.Item1, await starting.Item2, await starting.Item3);
        await using var stream = KeyStream.Open(edge.Web, "index:0001");
        await UntilAsync(() => stream.Records > 0);

        var takeovers = new List<(Fault Fault, TimeSpan Time)>();
        for (var round = 0; round < s_rounds; round++)
        {
            var fault = round < 3 ? (Fault)((group + round) % 3) : (Fault)random.Next(3);
            var holder = (await cluster.HoldersAsync()).ShouldHaveSingleItem();
            var (node, network, other) = holder == first.Name ? (first, firstNetwork, second) : (second, secondNetwork, first);
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
                report.WriteLine($"group {group}, round {round}: {fault} of {holder}; {string.Join("; ", (await cluster.StatusAsync()).Leases)}; most attempts in a minute {await cluster.MostAttemptsInMinuteAsync()}");
                report.WriteLine(await cluster.DescribeAsync([]));
                throw;
            }

            takeovers.Add((fault, Stopwatch.GetElapsedTime(begin)));
            (await cluster.HoldersAsync()).ShouldBe([other.Name], $"{fault} in round {round}");
            await EndAsync(fault, node, network);
            await UntilAsync(async () => (await cluster.StatusAsync()).Nodes.Count(present => !present.IsEdge && present.ExpiresIn > TimeSpan.Zero) == 2);
        }

        if (cluster.BrokerMessages(InUse).Any())
            report.WriteLine($"group {group}: {string.Join(", ", takeovers)}\n{await cluster.DescribeAsync([])}");
        ShouldHaveTrueGaps(stream, s_rounds);
        cluster.BrokerMessages(InUse).ShouldBeEmpty();
        first.Log.ShouldNotContain(InUse);
        second.Log.ShouldNotContain(InUse);
        (await cluster.MostAttemptsInMinuteAsync()).ShouldBeLessThanOrEqualTo(BudgetPerMinute);
        cluster.Simulator.Statistics.ConnectionsAccepted.ShouldBeLessThanOrEqualTo((await cluster.StatusAsync()).Leases.Sum(lease => lease.AttemptsInHour));
        return takeovers;
    }

    // Each takeover is one gap, from the last record before it to the first one after it, and no record comes twice.
    private static void ShouldHaveTrueGaps(KeyStream stream, int takeovers)
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
            found++;
            items[i].Reason.ShouldBe("moved");
            items[i].From.ShouldBe(items[i - 1].At);
            items[i].At.ShouldBe(items[i + 1].At);
        }

        found.ShouldBe(takeovers);
    }

    private static async Task BeginAsync(Fault fault, GatewayNode node, HeldNetwork network)
    {
        if (fault == Fault.Kill)
            await node.KillAsync();
        else if (fault == Fault.Stop)
            await node.StopAsync();
        else
            network.Cut();
    }

    private static async Task EndAsync(Fault fault, GatewayNode node, HeldNetwork network)
    {
        if (fault == Fault.Kill)
            await node.StartAsync();
        else if (fault == Fault.Stop)
            await node.ContinueAsync();
        else
            network.Mend();
    }

    private static int? Number(string variable) => Environment.GetEnvironmentVariable(variable) is { Length: > 0 } text ? int.Parse(text, CultureInfo.InvariantCulture) : null;

    private static Task UntilAsync(Func<bool> condition, [System.Runtime.CompilerServices.CallerArgumentExpression(nameof(condition))] string text = "") => Patience.UntilAsync(condition, text, s_limit);

    private static Task UntilAsync(Func<Task<bool>> condition, [System.Runtime.CompilerServices.CallerArgumentExpression(nameof(condition))] string text = "") => Patience.UntilAsync(condition, text, s_limit);
}
