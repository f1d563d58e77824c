using System.Diagnostics;
using System.Globalization;
using System.Text;
using KisFeed.RabbitMq.Tests.Staging;
using KisFeed.TestSupport;

namespace KisFeed.RabbitMq.Tests;

/// <summary>
/// Three nodes that fail, at 2,000 frames a second: every frame is in the streams once, in order and byte for byte as in
/// the capture. These tests take minutes, so they run only with all tests. <c>KISFEED_CLUSTER_SECONDS</c> is for how long
/// nodes fail in turn, <c>KISFEED_CLUSTER_AWAY</c> for how many seconds all are away, <c>KISFEED_CLUSTER_KILLS</c> how
/// often all are killed one after the other.
/// </summary>
public sealed class ClusterTests(ThreeNodes cluster, ITestOutputHelper report) : IClassFixture<ThreeNodes>
{
    // 20 frames in 10 ms would be 2,000 a second, but timers are late.
    private static readonly NumberedService.Options s_load = new() { Burst = 25, Pause = TimeSpan.FromMilliseconds(10) };

    private readonly Stopwatch _watch = new();

    [Fact]
    [Trait(TestRun.Length, TestRun.Long)]
    public async Task Nodes_that_fail_in_turn_lose_and_repeat_nothing()
    {
        var random = new Random(TestRun.Seed);
        var length = TestRun.TimeOf("KISFEED_CLUSTER_SECONDS", 60);
        await using var session = await cluster.PublishAsync(s_load);
        await using var reader = new RestartingReader(session.Cluster, new Random(TestRun.Seed));
        _watch.Start();
        for (var step = random.Next(3); _watch.Elapsed < length; step++)
        {
            var (node, proxy) = (cluster.Nodes[step % 3], cluster.Proxies[step % 3]);
            var fault = random.Next(3);
            Report($"{node.Name} {(fault == 0 ? "killed" : fault == 1 ? "stopped" : "cut off")}, {session.Publisher.Status.Sent} sent");
            switch (fault)
            {
                case 0:
                    await node.KillAsync();
                    await SendAsync(session, random.Next(2_000, 8_000));
                    await node.RestartAsync();
                    break;
                case 1:
                    await node.StopAsync();
                    await SendAsync(session, random.Next(2_000, 30_000));
                    await node.ContinueAsync();
                    break;
                default:
                    proxy.Close();
                    await SendAsync(session, random.Next(100, 4_000));
                    proxy.Open();
                    break;
            }

            await SendAsync(session, random.Next(1_000, 4_000));
            await RecoverAsync(session);
        }

        await FinishAsync(session, reader);
    }

    [Fact]
    [Trait(TestRun.Length, TestRun.Long)]
    public async Task All_nodes_killed_one_after_the_other_lose_and_repeat_nothing()
    {
        var random = new Random(TestRun.Seed);
        await using var session = await cluster.PublishAsync(s_load);
        await using var reader = new RestartingReader(session.Cluster, new Random(TestRun.Seed));
        _watch.Start();
        for (var round = TestRun.TimeOf("KISFEED_CLUSTER_KILLS", 1).TotalSeconds; round > 0; round--)
        {
            await SendAsync(session, random.Next(2_000, 6_000));
            var first = random.Next(3);
            for (var i = 0; i < 3; i++)
            {
                await cluster.Nodes[(first + i) % 3].KillAsync();
                Report($"{cluster.Nodes[(first + i) % 3].Name} killed, {session.Publisher.Status.Sent} sent");
                await SendAsync(session, random.Next(200, 5_000));
            }

            await Task.WhenAll(cluster.Nodes.Select(node => node.RestartAsync()));
            await RecoverAsync(session);
        }

        await FinishAsync(session, reader);
    }

    [Fact]
    [Trait(TestRun.Length, TestRun.Long)]
    public async Task A_cluster_that_is_away_costs_no_memory_and_loses_nothing()
    {
        var away = TestRun.TimeOf("KISFEED_CLUSTER_AWAY", 60);
        await using var session = await cluster.PublishAsync(s_load);
        await using var reader = new RestartingReader(session.Cluster, new Random(TestRun.Seed));
        _watch.Start();
        await SendAsync(session, 6_000);
        var before = GC.GetTotalMemory(forceFullCollection: true);
        await Task.WhenAll(cluster.Nodes.Select(node => node.KillAsync()));
        Report($"all nodes away, {before / 1e6:0.0} MB");
        var peak = 0L;
        for (var since = _watch.Elapsed; _watch.Elapsed - since < away;)
        {
            await SendAsync(session, 2_000);
            peak = Math.Max(peak, GC.GetTotalMemory(forceFullCollection: true));
        }

        var sent = session.Service.SentOn(0);
        await Task.WhenAll(cluster.Nodes.Select(node => node.RestartAsync()));
        await Patience.UntilAsync(() => session.Publisher.Status.Problem is null, limit: TimeSpan.FromMinutes(4));
        var (returned, caughtUp) = (_watch.Elapsed, session.Publisher.Status.CaughtUp);
        Report($"back; the peak was {peak / 1e6:0.0} MB");
        await session.UntilLiveAsync();
        var status = session.Publisher.Status;
        Report($"live: {status.CaughtUp - caughtUp} frames and events read from the capture in "
            + $"{(_watch.Elapsed - returned).TotalSeconds:0.0} s while {session.Service.SentOn(0) - sent} more were received "
            + "since the start of the nodes");

        await RecoverAsync(session);
        await FinishAsync(session, reader);
        (peak - before).ShouldBeLessThan(24 << 20); // The queue has at most 8 MiB of frames.
    }

    // A node that has just been started does not have the data yet that the others have. One that stood still may be connected
    // to the others again without sharing their metadata. Nothing but a restart ends that, so it is restarted, as
    // docs/cluster.md tells operators to do.
    private async Task RecoverAsync(PublishedSession session)
    {
        try
        {
            await Patience.UntilAsync(
                async () =>
                {
                    if (await cluster.FindSeparatedAsync() is { } node)
                    {
                        Report($"{node.Name} is restarted, because it does not share the metadata of the others");
                        await node.KillAsync();
                        await node.RestartAsync();
                    }

                    return cluster.HasAllReplicas;
                },
                "all nodes have all streams",
                TimeSpan.FromMinutes(3),
                isCostly: true);
            await session.UntilLiveAsync();
        }
        catch (ShouldAssertException)
        {
            Report($"not recovered: {session.Publisher.Status}");
            foreach (var node in cluster.Nodes)
                Report(await node.ControlAsync("list_queues", "name", "online", "leader", "state"));
            throw;
        }
    }

    private async Task FinishAsync(PublishedSession session, RestartingReader reader)
    {
        var status = await session.FinishAsync();
        Report($"seed {TestRun.Seed}, {session.Service.SentOn(0) / _watch.Elapsed.TotalSeconds:0} frames a second: {status}");
        await session.ShouldHaveRecordedEverythingAsync();
        foreach (var (trId, key) in NumberedService.Keys)
        {
            var recorded = await session.RecordedAsync(key);
            await RawFrames.ShouldBeAsync(session.Cluster, trId, key, recorded, TimeSpan.FromMinutes(2));
            if (key != "0001")
                continue;
            await Patience.UntilAsync(() => reader.HasReadEnd, limit: TimeSpan.FromMinutes(2));
            var (numbers, events) = reader.Read;
            // The stopped publisher has released the key.
            events.Where(other => other is not Interruption { Reason: GapReason.Moved }).ShouldBeEmpty();
            numbers.SequenceEqual(recorded.Select(frame => NumberedService.NumberOf(Encoding.UTF8.GetBytes(frame.Text)).Number))
                .ShouldBeTrue($"the reader with {reader.Restarts} restarts, seed {TestRun.Seed}");
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

    // Waits until a number of frames was sent.
    private static Task SendAsync(PublishedSession session, int frames)
    {
        var end = session.Service.SentOn(0) + frames;
        return Patience.UntilAsync(() => session.Service.SentOn(0) >= end, limit: TimeSpan.FromMinutes(2));
    }
}
