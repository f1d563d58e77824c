using KisFeed.Gateway.Tests.Broker;
using KisFeed.Simulator;

namespace KisFeed.Gateway.Tests.Streaming;

/// <summary>A stream that is not read does not affect others, and its gaps report exactly the missed records.</summary>
public sealed class OverflowTests
{
    private static readonly SimulatorOptions s_flood = new() { Rate = 20_000 };

    [Theory]
    [InlineData("drop-oldest", 2)]
    [InlineData("latest", 2)]
    public async Task Every_record_arrives_or_is_counted_in_a_gap(string policy, int keys)
    {
        var subscribe = string.Join(',', new[] { "index:0001", "index:1001" }.Take(keys));
        await using var testGateway = await TestGateway.OpenAsync(
            s_flood, options => options with { StreamQueueBytes = 1 << 28, ReplayBufferBytes = 1 << 28 });
        await using var reader = await SseClient.OpenAsync(testGateway.Gateway, $"subscribe={subscribe}&queue=65536");
        await using var slow = await SseClient.OpenAsync(testGateway.Gateway, $"subscribe={subscribe}&overflow={policy}&queue=500");
        // Of each key it reads a record first. If its connection were full before the broker confirms a key, the gap of that
        // key would be before all its records.
        var received = new List<StreamEvent>();
        await slow.UntilAsync(e =>
        {
            received.Add(e);
            return received.Where(item => item.IsRecord).DistinctBy(item => item.Key, StringComparer.Ordinal).Count() == keys;
        });
        var verified = new List<StreamEvent> { await reader.UntilAsync("record") };
        while (testGateway.Status.Totals.StreamRecordsDropped < 2_000)
            verified.Add(await reader.NextAsync("record"));
        await testGateway.Simulator.StopAsync();
        var end = (await reader.UntilAsync(e =>
        {
            if (e.IsRecord)
                verified.Add(e);
            return e.Kind == "interruption";
        })).Number;

        await slow.UntilAsync(e =>
        {
            received.Add(e);
            return e.Kind == "interruption" && e.Number >= end;
        });
        foreach (var key in subscribe.Split(',').Select(target => target[^4..]))
        {
            // From the first record of the key on: an earlier gap may count records from before the reader connected.
            var ofKey = received.Where(e => e.Kind is "record" or "gap" && e.Key == key).SkipWhile(e => !e.IsRecord).ToList();
            var all = verified.Where(e => e.Key == key && e.Number >= ofKey[0].Number).ToList();
            var gaps = ofKey.Where(e => e.Kind == "gap").ToList();
            gaps.ShouldNotBeEmpty();
            gaps.ShouldAllBe(gap => gap.Text("reason") == "queueOverflow" && gap.Id == null);
            (ofKey.Count(e => e.IsRecord) + gaps.Sum(DroppedIn)).ShouldBe(all.Count);
            CheckGaps(ofKey, all);
        }

        received.Where(e => e.IsRecord).Select(e => e.Number).ShouldBeInOrder();
        testGateway.Status.Totals.StreamRecordsDropped.ShouldBe(received.Sum(DroppedIn));
        testGateway.Status.Totals.FramesDropped.ShouldBe(0);
        testGateway.Gateway.Accounts.WithoutCredentials!.Counts.Dropped.Value
            .ShouldBe(testGateway.Status.Totals.StreamRecordsDropped);
    }

    [Fact]
    public async Task A_stream_with_disconnect_overflow_receives_everything_before_and_can_be_resumed()
    {
        await using var testGateway = await TestGateway.OpenAsync(
            s_flood, options => options with { StreamQueueBytes = 1 << 28, ReplayBufferBytes = 1 << 28 });
        await using var reader = await SseClient.OpenAsync(testGateway.Gateway, "subscribe=index:0001&queue=65536");
        await using var slow = await SseClient.OpenAsync(testGateway.Gateway, "subscribe=index:0001&overflow=disconnect&queue=500");
        var first = await slow.UntilAsync("record");
        var verified = new List<StreamEvent> { await reader.UntilAsync(e => e.IsRecord && e.Number > first.Number) };
        while (testGateway.Status.Totals.SlowStreams == 0)
            verified.Add(await reader.NextAsync("record"));
        await testGateway.Simulator.StopAsync();

        var received = await slow.ReadAllRemainingAsync();

        testGateway.Status.Totals.StreamRecordsDropped.ShouldBe(0);
        received[^1].Kind.ShouldBe("end");
        var last = received[^2];
        while (verified[^1].Number < last.Number)
            verified.Add(await reader.NextAsync("record"));
        received[..^1].Select(e => e.Number).SequenceEqual(verified.Select(e => e.Number).TakeWhile(number => number <= last.Number))
            .ShouldBeTrue();

        await using var next = await SseClient.OpenAsync(testGateway.Gateway, $"subscribe=index:0001&last_event_id={last.Id}");
        (await next.NextAsync("resumed")).Body.GetProperty("complete").GetBoolean().ShouldBeTrue();
    }

    private static long DroppedIn(StreamEvent item) => item.Kind == "gap" ? item.Body.GetProperty("frames").GetInt64() : 0;

    // Each gap is in the position of the missing records, with their number and the times around them.
    private static void CheckGaps(List<StreamEvent> received, List<StreamEvent> all)
    {
        var next = 0;
        for (var i = 0; i < received.Count; i++)
        {
            if (received[i].IsRecord)
            {
                received[i].Id.ShouldBe(all[next++].Id);
                continue;
            }

            var gap = received[i].Body;
            if (next > 0)
                gap.GetProperty("from").GetString().ShouldBe(all[next - 1].Text("receivedAt"));
            next += gap.GetProperty("frames").GetInt32();
            if (i + 1 < received.Count && gap.GetProperty("to").GetString() is { } to)
                to.ShouldBe(all[next].Text("receivedAt"));
        }
    }
}
