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
    private static readonly string Configuration = $"cluster_partition_handling = {Environment.GetEnvironmentVariable("KISFEED_CLUSTER_PARTITIONS") ?? "pause_minority"}";

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
            await RecoverAsync(run);
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
            await RecoverAsync(run);
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

    // A node that has just been started does not have the data yet that the others have. One that stood still may be connected to the others again without sharing their metadata. Nothing
    // but a restart ends that, so it is restarted, as docs/cluster.md tells operators to do.
    private async Task RecoverAsync(Run run)
    {
        try
        {
            await Patience.UntilAsync(
                async () =>
                {
                    if (await run.FindSeparatedAsync() is { } node)
                    {
                        Report($"{node.Name} is restarted, because it does not share the metadata of the others");
                        await node.KillAsync();
                        await node.RestartAsync();
                    }

                    return run.HasAllReplicas;
                },
                "all nodes have all streams",
                TimeSpan.FromMinutes(3),
                isCostly: true);
            await run.Session.UntilLiveAsync();
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
            await RawFrames.ShouldBeAsync(run.Direct, trId, key, recorded, TimeSpan.FromMinutes(2));
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
        // Of each connected node: its name, the number of nodes with which it shares its metadata, and the numbers of replicas of the streams.
        private const string States = """
            lists:flatten([io_lib:format("~s ~b ~s;", [N, length(erpc:call(N, mnesia, system_info, [running_db_nodes], 5000)),
              lists:join(",", [integer_to_list(length(proplists:get_value(online, Q))) || Q <- erpc:call(N, rabbit_amqqueue, info_all, [<<"/">>, [online]], 5000)])]) || N <- [node() | nodes()]]).
            """;

        private static readonly TimeSpan s_separationLimit = TimeSpan.FromSeconds(5);

        private string? _separated;
        private long _separatedSince;

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

            // A node writes half a second later that it belongs to the coordinator of the streams, which is created with the first stream. Killed before, it never joins it again.
            await session.Service.UntilSentAsync(0, session.Service.SentOn(0) + 4_000);
            return new Run { Nodes = nodes, Proxies = proxies, Session = session, Cluster = cluster };
        }

        /// <summary>Waits until a number of frames was sent.</summary>
        public Task SendAsync(int frames) => Patience.UntilAsync(SentIs(Session.Service.SentOn(0) + frames), limit: TimeSpan.FromMinutes(2));

        /// <summary>Whether each stream had a replica on each node when <see cref="FindSeparatedAsync"/> was called.</summary>
        public bool HasAllReplicas { get; private set; }

        /// <summary>Returns a node that has been connected to others for a while, but shares its metadata with fewer than half of the nodes.</summary>
        public async Task<RabbitNode?> FindSeparatedAsync()
        {
            HasAllReplicas = false;
            string[][] states;
            try
            {
                var text = await Nodes[0].ControlAsync("eval", States);
                states = [.. text.Trim().Trim('"').Split(';', StringSplitOptions.RemoveEmptyEntries).Select(state => state.Split(' '))];
            }
            catch (InvalidOperationException)
            {
                return null; // A node has not joined the others yet.
            }

            HasAllReplicas = states.Length == Nodes.Count && states.All(state => state[1] == $"{Nodes.Count}" && state[2] == string.Join(',', Enumerable.Repeat(Nodes.Count, Cluster.Partitions)));
            var separated = states.FirstOrDefault(state => int.Parse(state[1], CultureInfo.InvariantCulture) * 2 < Nodes.Count)?[0];
            if (separated != _separated || separated is null)
                (_separated, _separatedSince) = (separated, Stopwatch.GetTimestamp());
            else if (Stopwatch.GetElapsedTime(_separatedSince) > s_separationLimit)
                return Nodes.Single(node => node.Name == separated);
            return null;
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
