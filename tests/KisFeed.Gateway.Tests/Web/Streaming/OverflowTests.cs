using KisFeed.Gateway.Tests.Broker;
using KisFeed.Simulator;

namespace KisFeed.Gateway.Tests.Web.Streaming;

/// <summary>Who does not read hurts nobody else, and is told to the record what it missed.</summary>
public sealed class OverflowTests
{
    private static readonly SimulatorOptions s_flood = new() { Rate = 20_000 };

    [Theory]
    [InlineData("drop-oldest", 2)]
    [InlineData("latest", 2)]
    public async Task Every_record_arrives_or_is_counted_in_a_gap(string policy, int keys)
    {
        var subscribe = string.Join(',', new[] { "index:0001", "index:1001" }.Take(keys));
        await using var stage = await Stage.OpenAsync(s_flood, options => options with { StreamQueueBytes = 1 << 28, HistoryBytes = 1 << 28 });
        await using var reader = await SseClient.OpenAsync(stage.Gateway, $"subscribe={subscribe}&queue=65536");
        await using var slow = await SseClient.OpenAsync(stage.Gateway, $"subscribe={subscribe}&overflow={policy}&queue=500");
        var witnessed = new List<StreamEvent> { await reader.UntilAsync(e => e.IsRecord) };
        while (stage.Gateway.Status.StreamRecordsDropped < 2_000)
            witnessed.Add(await reader.NextAsync("record"));
        await stage.Simulator.StopAsync();
        var end = (await reader.UntilAsync(e =>
        {
            if (e.IsRecord)
                witnessed.Add(e);
            return e.Kind == "interruption";
        })).Number;

        var got = new List<StreamEvent>();
        await slow.UntilAsync(e =>
        {
            got.Add(e);
            return e.Kind == "interruption" && e.Number >= end;
        });
        foreach (var key in subscribe.Split(',').Select(target => target[^4..]))
        {
            // From the first record of the key on: a gap before it may also count records from before the reader came.
            var ofKey = got.Where(e => e.Kind is "record" or "gap" && e.Key == key).SkipWhile(e => !e.IsRecord).ToList();
            var all = witnessed.Where(e => e.Key == key && e.Number >= ofKey[0].Number).ToList();
            var gaps = ofKey.Where(e => e.Kind == "gap").ToList();
            gaps.ShouldNotBeEmpty();
            gaps.ShouldAllBe(gap => gap.Body.GetProperty("reason").GetString() == "queueOverflow" && gap.Id == null);
            (ofKey.Count(e => e.IsRecord) + gaps.Sum(DroppedIn)).ShouldBe(all.Count);
            Follow(ofKey, all);
        }

        got.Where(e => e.IsRecord).Select(e => e.Number).ShouldBeInOrder();
        stage.Gateway.Status.StreamRecordsDropped.ShouldBe(got.Sum(DroppedIn));
        stage.Gateway.Status.FramesDropped.ShouldBe(0);
        stage.Gateway.Accounts.WithoutCredentials!.Counts.Dropped.ShouldBe(stage.Gateway.Status.StreamRecordsDropped);
    }

    [Fact]
    public async Task Who_wants_to_be_ended_gets_everything_up_to_there_and_can_go_on()
    {
        await using var stage = await Stage.OpenAsync(s_flood, options => options with { StreamQueueBytes = 1 << 28, HistoryBytes = 1 << 28 });
        await using var reader = await SseClient.OpenAsync(stage.Gateway, "subscribe=index:0001&queue=65536");
        await using var slow = await SseClient.OpenAsync(stage.Gateway, "subscribe=index:0001&overflow=disconnect&queue=500");
        var first = await slow.UntilAsync(e => e.IsRecord);
        var witnessed = new List<StreamEvent> { await reader.UntilAsync(e => e.IsRecord && e.Number > first.Number) };
        while (stage.Gateway.Status.SlowStreams == 0)
            witnessed.Add(await reader.NextAsync("record"));
        await stage.Simulator.StopAsync();

        var got = await slow.RestAsync();

        stage.Gateway.Status.StreamRecordsDropped.ShouldBe(0);
        got[^1].Kind.ShouldBe("end");
        var last = got[^2];
        while (witnessed[^1].Number < last.Number)
            witnessed.Add(await reader.NextAsync("record"));
        got[..^1].Select(e => e.Number).SequenceEqual(witnessed.Select(e => e.Number).TakeWhile(number => number <= last.Number)).ShouldBeTrue();

        await using var next = await SseClient.OpenAsync(stage.Gateway, $"subscribe=index:0001&last_event_id={last.Id}");
        (await next.NextAsync("resumed")).Body.GetProperty("complete").GetBoolean().ShouldBeTrue();
    }

    private static long DroppedIn(StreamEvent item) => item.Kind == "gap" ? item.Body.GetProperty("frames").GetInt64() : 0;

    // Each gap stands where its records are missing, and says how many those are, and between which it is.
    private static void Follow(List<StreamEvent> got, List<StreamEvent> all)
    {
        var next = 0;
        for (var i = 0; i < got.Count; i++)
        {
            if (got[i].IsRecord)
            {
                got[i].Id.ShouldBe(all[next++].Id);
                continue;
            }

            var gap = got[i].Body;
            if (next > 0)
                gap.GetProperty("from").GetString().ShouldBe(all[next - 1].Json.GetProperty("receivedAt").GetString());
            next += gap.GetProperty("frames").GetInt32();
            if (i + 1 < got.Count && gap.GetProperty("to").GetString() is { } to)
                to.ShouldBe(all[next].Json.GetProperty("receivedAt").GetString());
        }
    }
}
