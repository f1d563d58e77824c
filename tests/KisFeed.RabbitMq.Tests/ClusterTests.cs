using System.Diagnostics;
using System.Globalization;
using System.Text;
using KisFeed.RabbitMq.Tests.Staging;
using KisFeed.Testing;
using Xunit.Abstractions;

namespace KisFeed.RabbitMq.Tests;

/// <summary>
/// Three nodes that fail, at 2,000 frames a second: every frame is in the streams once, in order and byte for byte as in the capture. These tests take minutes, so they run only with all
/// tests. <c>KISFEED_CLUSTER_SECONDS</c> is for how long nodes fail in turn, <c>KISFEED_CLUSTER_AWAY</c> for how many seconds all are away, <c>KISFEED_CLUSTER_KILLS</c> how often all
/// are killed one after the other.
/// </summary>
public sealed class ClusterTests(ITestOutputHelper report)
{
    private const string Configuration = """
        cluster_partition_handling = pause_minority
        """;

    // 20 frames in 10 ms would be 2,000 a second, but timers are late.
    private static readonly NumberedService.Options s_load = new() { Burst = 25, Pause = TimeSpan.FromMilliseconds(10) };

    private readonly Stopwatch _watch = new();

    [Fact]
    public async Task Nodes_that_fail_in_turn_lose_and_repeat_nothing()
    {
        if (!TestRun.IsFull)
            return;
        var random = new Random(TestRun.Seed);
        var length = TestRun.TimeOf("KISFEED_CLUSTER_SECONDS", 40);
        await using var run = await Run.StartAsync();
        await using var reader = new RestartingReader(run.Cluster, new Random(TestRun.Seed));
        _watch.Start();
        for (var step = random.Next(3); _watch.Elapsed < length; step++)
        {
            var (node, proxy) = (run.Nodes[step % 3], run.Proxies[step % 3]);
            var fault = random.Next(3);
            Report($"{node.Name} {(fault == 0 ? "killed" : fault == 1 ? "stopped" : "cut off")}, {run.Session.Publisher.Status.Sent} sent");
            switch (fault)
            {
                case 0:
                    await node.KillAsync();
                    await run.SendAsync(random.Next(2_000, 8_000));
                    await node.RestartAsync();
                    break;
                case 1:
                    await node.StopAsync();
                    await run.SendAsync(random.Next(2_000, 30_000));
                    await node.ContinueAsync();
                    break;
                default:
                    proxy.Close();
                    await run.SendAsync(random.Next(100, 4_000));
                    proxy.Open();
                    break;
            }

            await run.SendAsync(random.Next(1_000, 4_000));
            await RecoverAsync(run, node);
        }

        await FinishAsync(run, reader);
    }

    [Fact]
    public async Task All_nodes_killed_one_after_the_other_lose_and_repeat_nothing()
    {
        if (!TestRun.IsFull)
            return;
        var random = new Random(TestRun.Seed);
        await using var run = await Run.StartAsync();
        await using var reader = new RestartingReader(run.Cluster, new Random(TestRun.Seed));
        _watch.Start();
        for (var round = TestRun.TimeOf("KISFEED_CLUSTER_KILLS", 1).TotalSeconds; round > 0; round--)
        {
            await run.SendAsync(random.Next(2_000, 6_000));
            var first = random.Next(3);
            for (var i = 0; i < 3; i++)
            {
                await run.Nodes[(first + i) % 3].KillAsync();
                Report($"{run.Nodes[(first + i) % 3].Name} killed, {run.Session.Publisher.Status.Sent} sent");
                await run.SendAsync(random.Next(200, 5_000));
            }

            await Task.WhenAll(run.Nodes.Select(node => node.RestartAsync()));
            await RecoverAsync(run, null);
        }

        await FinishAsync(run, reader);
    }

    [Fact]
    public async Task A_cluster_that_is_away_costs_no_memory_and_loses_nothing()
    {
        if (!TestRun.IsFull)
            return;
        var away = TestRun.TimeOf("KISFEED_CLUSTER_AWAY", 10);
        await using var run = await Run.StartAsync();
        await using var reader = new RestartingReader(run.Cluster, new Random(TestRun.Seed));
        _watch.Start();
        await run.SendAsync(6_000);
        var before = GC.GetTotalMemory(forceFullCollection: true);
        await Task.WhenAll(run.Nodes.Select(node => node.KillAsync()));
        Report($"all nodes away, {before / 1e6:0.0} MB");
        var peak = 0L;
        for (var since = _watch.Elapsed; _watch.Elapsed - since < away;)
        {
            await run.SendAsync(2_000);
            peak = Math.Max(peak, GC.GetTotalMemory(forceFullCollection: true));
        }

        var sent = run.Session.Service.SentOn(0);
        await Task.WhenAll(run.Nodes.Select(node => node.RestartAsync()));
        await Patience.UntilAsync(() => run.Session.Publisher.Status.Problem is null, limit: TimeSpan.FromMinutes(4));
        var (returned, caughtUp) = (_watch.Elapsed, run.Session.Publisher.Status.CaughtUp);
        Report($"back; the peak was {peak / 1e6:0.0} MB");
        await run.Session.UntilLiveAsync();
        var status = run.Session.Publisher.Status;
        Report($"live: {status.CaughtUp - caughtUp} frames and events read from the capture in {(_watch.Elapsed - returned).TotalSeconds:0.0} s while {run.Session.Service.SentOn(0) - sent} more were received since the start of the nodes");

        await FinishAsync(run, reader);
        (peak - before).ShouldBeLessThan(24 << 20); // The queue has at most 8 MiB of frames.
    }

    // A node that has just been started does not have the data yet that the others have. One that stood still may no longer belong to the others: it is restarted, as its operator would.
    private async Task RecoverAsync(Run run, RabbitNode? failed)
    {
        try
        {
            try
            {
                await Patience.UntilAsync(run.HasAllReplicasAsync, limit: TimeSpan.FromSeconds(60));
            }
            catch (ShouldAssertException) when (failed is not null)
            {
                Report($"{failed.Name} is restarted, because the nodes do not see each other");
                await failed.KillAsync();
                await failed.RestartAsync();
            }

            await run.Session.UntilLiveAsync();
            await Patience.UntilAsync(run.HasAllReplicasAsync, limit: TimeSpan.FromMinutes(2));
        }
        catch (ShouldAssertException)
        {
            Report($"not recovered: {run.Session.Publisher.Status}");
            foreach (var node in run.Nodes)
                Report(await node.ControlAsync("list_queues", "name", "online", "leader", "state"));
            throw;
        }
    }

    private async Task FinishAsync(Run run, RestartingReader reader)
    {
        var status = await run.Session.FinishAsync();
        Report($"seed {TestRun.Seed}, {run.Session.Service.SentOn(0) / _watch.Elapsed.TotalSeconds:0} frames a second: {status}");
        foreach (var (trId, key) in NumberedService.Keys)
        {
            var recorded = await run.Session.RecordedAsync(key);
            var actual = await RawFrames.ReadAsync(run.Direct, trId, key, recorded.Count, TimeSpan.FromMinutes(2));
            var wrong = Enumerable.Range(0, Math.Max(recorded.Count, actual.Count)).FirstOrDefault(i => i >= recorded.Count || i >= actual.Count || actual[i] != recorded[i], -1);
            wrong.ShouldBe(-1, $"{trId} {key}, seed {TestRun.Seed}: {actual.Count} of {recorded.Count} frames were read, and the first wrong one is {(wrong < 0 || wrong >= recorded.Count ? "" : recorded[wrong].Text)}");
            if (key != "0001")
                continue;
            await Patience.UntilAsync(() => reader.Count >= recorded.Count, limit: TimeSpan.FromMinutes(2));
            var (numbers, events) = reader.Read;
            events.ShouldBeEmpty();
            numbers.SequenceEqual(recorded.Select(frame => NumberedService.NumberOf(Encoding.UTF8.GetBytes(frame.Text)).Number)).ShouldBeTrue($"the reader with {reader.Restarts} restarts, seed {TestRun.Seed}");
            Report($"{recorded.Count} frames of {key}, {reader.Restarts} restarts of the reader");
        }
    }

    private void Report(string text)
    {
        text = string.Create(CultureInfo.InvariantCulture, $"{_watch.Elapsed.TotalSeconds,6:0.0} s: {text}");
        report.WriteLine(text);
        if (Environment.GetEnvironmentVariable("KISFEED_CLUSTER_REPORT") is { Length: > 0 } path)
            File.AppendAllText(path, $"{text}\n");
    }

    /// <summary>Three nodes behind proxies, and a session that is published to them.</summary>
    private sealed class Run : IAsyncDisposable
    {
        public required IReadOnlyList<RabbitNode> Nodes { get; init; }

        public required List<TcpProxy> Proxies { get; init; }

        public required PublishedSession Session { get; init; }

        public required RabbitMqClusterOptions Cluster { get; init; }

        /// <summary>The nodes without the proxies.</summary>
        public RabbitMqClusterOptions Direct => Cluster with { Nodes = [.. Nodes.Select(node => node.Address)] };

        public static async Task<Run> StartAsync()
        {
            var nodes = await RabbitNode.StartClusterAsync(3, Configuration);
            var proxies = nodes.Select(node => new TcpProxy(node.Port)).ToList();
            var cluster = Broker.Cluster([.. proxies.Select(proxy => proxy.Address)]);
            var session = await PublishedSession.StartAsync(cluster, s_load, options => options with { Tap = new FrameTapOptions { Capacity = 4_000, MaxBytes = 4 << 20 } });
            await session.UntilLiveAsync();
            return new Run { Nodes = nodes, Proxies = proxies, Session = session, Cluster = cluster };
        }

        /// <summary>Waits until a number of frames was sent.</summary>
        public Task SendAsync(int frames) => Patience.UntilAsync(SentIs(Session.Service.SentOn(0) + frames), limit: TimeSpan.FromMinutes(2));

        /// <summary>Whether each stream has a replica on each node.</summary>
        public async Task<bool> HasAllReplicasAsync()
        {
            foreach (var node in Nodes)
            {
                try
                {
                    var streams = (await node.ControlAsync("list_queues", "online", "--no-table-headers")).Split('\n', StringSplitOptions.RemoveEmptyEntries);
                    if (streams.Length != Cluster.Partitions || streams.Any(online => online.Split(',').Length != Nodes.Count))
                        return false;
                }
                catch (InvalidOperationException)
                {
                    return false; // The node has not joined the others yet.
                }
            }

            return true;
        }

        public async ValueTask DisposeAsync()
        {
            await Session.DisposeAsync();
            foreach (var proxy in Proxies)
                await proxy.DisposeAsync();
            foreach (var node in Nodes.Reverse())
                await node.DisposeAsync();
        }

        private Func<bool> SentIs(int count) => () => Session.Service.SentOn(0) >= count;
    }
}
