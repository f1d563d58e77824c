using KisFeed.Gateway.Dispatching;

namespace KisFeed.Gateway.Tests.Streaming;

/// <summary>The first items of a resumed stream: the kept items, and gaps for the missing ones.</summary>
public sealed class ReplayTests : IDisposable
{
    private const string Foreign = "0123456789ab-17";

    private readonly DispatcherHarness _harness = new();

    public void Dispose() => _harness.Dispose();

    [Fact]
    public void There_is_a_gap_at_the_start_of_the_history_and_another_at_the_release()
    {
        using var harness = new DispatcherHarness(historyBytes: 12_000);
        var id = StartAndEnd(harness);
        for (var i = 0; i < 20; i++)
            harness.Record("0001");
        ReleaseKey(harness);
        harness.Record("0001");
        harness.Record("0001");

        var items = Resume(harness, id);

        IsComplete(items).ShouldBeFalse();
        var gaps = items.FindAll(e => e.Kind == "gap");
        gaps.Count.ShouldBe(2);
        items.IndexOf(gaps[0]).ShouldBe(2, "before the first kept record");
        items.FindLastIndex(e => e.Kind == "gap").ShouldBe(items.Count - 3);
        CheckGaps(items);
        gaps[1].Body.GetProperty("from").GetString().ShouldBe(TimeOf(items[^4]));
    }

    [Fact]
    public void There_is_a_gap_at_every_release()
    {
        var id = StartAndEnd(_harness);
        _harness.Record("0001");
        for (var i = 0; i < 3; i++)
        {
            ReleaseKey(_harness);
            _harness.Record("0001");
        }

        var items = Resume(_harness, id);

        IsComplete(items).ShouldBeFalse();
        KindsOf(items).ShouldBe(["record", "gap", "record", "gap", "record", "gap", "record"]);
        CheckGaps(items);
    }

    [Fact]
    public void A_stream_opened_during_a_release_receives_the_gap_with_the_next_record()
    {
        var id = StartAndEnd(_harness);
        _harness.Record("0001");
        var consumer = _harness.Open(new StreamStart(id, HasSnapshot: false), "0001");
        _harness.ReadQueue(consumer);
        ReleaseKey(_harness);
        _harness.ReadQueue(consumer).ShouldBeEmpty("the gap is unknown before the next record");
        _harness.Record("0001");
        _harness.Record("0001");

        var items = _harness.ReadQueue(consumer);

        items.ConvertAll(e => e.Kind).ShouldBe(["gap", "record", "record"]);
        items[0].Body.GetProperty("reason").GetString().ShouldBe("renewed");
        items[0].Body.GetProperty("to").GetString().ShouldBe(TimeOf(items[1]));
    }

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public void Data_missed_before_a_release_are_reported_once(bool hasArrived)
    {
        var id = StartAndEnd(_harness);
        _harness.Interrupt("0001");
        _harness.AddGap("0001", isLast: true);
        ReleaseKey(_harness);
        if (hasArrived)
            _harness.Record("0001");

        var items = Resume(_harness, id);

        IsComplete(items).ShouldBeFalse();
        KindsOf(items).ShouldBe(hasArrived ? ["interruption", "gap", "record"] : ["interruption", "gap"]);
        items.Find(e => e.Kind == "gap")!.Body.GetProperty("from").GetString().ShouldNotBeNull();
        CheckGaps(items);
    }

    [Fact]
    public void Data_missed_at_the_start_of_the_history_are_reported_once()
    {
        using var harness = new DispatcherHarness();
        harness.Confirm("0001");
        harness.Open(null, "0001");
        harness.Interrupt("0001");
        harness.AddGap("0001");
        harness.Record("0001");

        var items = Resume(harness, Foreign);

        KindsOf(items).ShouldBe(["interruption", "gap", "record"]);
        CheckGaps(items);
    }

    [Fact]
    public void A_gap_of_upstream_is_unchanged_if_the_history_is_complete()
    {
        var id = StartAndEnd(_harness);
        _harness.Interrupt("0001");
        _harness.AddGap("0001", GapReason.Silence);
        _harness.Record("0001");

        var items = Resume(_harness, id);

        IsComplete(items).ShouldBeTrue();
        KindsOf(items).ShouldBe(["interruption", "gap", "record"]);
        var gap = items.Find(e => e.Kind == "gap")!;
        gap.Id.ShouldNotBeNull();
        gap.Body.GetProperty("reason").GetString().ShouldBe("silence");
    }

    [Fact]
    public void Records_are_in_order_with_a_snapshot_too()
    {
        StartAndEnd(_harness);
        for (var i = 0; i < 5; i++)
            _harness.Record("0001");

        var items = Resume(_harness, Foreign, hasSnapshot: true);

        KindsOf(items).ShouldBe(["gap", "record", "record", "record", "record", "record", "record"]);
        items.ShouldNotContain(e => e.IsRecord && e.Id == null, "the last record is kept and delivered in order");
        CheckGaps(items);
    }

    [Fact]
    public void A_snapshot_follows_the_gap_if_there_is_no_history()
    {
        using var harness = new DispatcherHarness(historyBytes: 1);
        StartAndEnd(harness);
        harness.Record("0001");

        var items = Resume(harness, Foreign, hasSnapshot: true);

        KindsOf(items).ShouldBe(["gap", "record"]);
        items[^1].Json.GetProperty("snapshot").GetBoolean().ShouldBeTrue();
        CheckGaps(items);
    }

    [Fact]
    public void A_resumed_stream_without_items_is_not_counted()
    {
        var id = StartAndEnd(_harness);

        _harness.Open(new StreamStart(id, HasSnapshot: false));
        _harness.Dispatcher.Counters.Resumed.Value.ShouldBe(0);
        _harness.Open(new StreamStart(Foreign, HasSnapshot: false));
        _harness.Dispatcher.Counters.ResumedInPart.Value.ShouldBe(0);

        _harness.Open(new StreamStart(id, HasSnapshot: false), "0001");
        _harness.Dispatcher.Counters.Resumed.Value.ShouldBe(1);
    }

    // Opens a stream, delivers a record, closes the stream and returns the record's id.
    private static string StartAndEnd(DispatcherHarness harness)
    {
        harness.Confirm("0001");
        var first = harness.Open(null, "0001");
        harness.Record("0001");
        var id = harness.ReadQueue(first)[^1].Id!;
        harness.Close(first);
        return id;
    }

    private static void ReleaseKey(DispatcherHarness harness)
    {
        harness.Release("0001");
        harness.Confirm("0001");
    }

    private static List<StreamEvent> Resume(DispatcherHarness harness, string id, bool hasSnapshot = false)
    {
        var items = harness.ReadQueue(harness.Open(new StreamStart(id, hasSnapshot), "0001"));
        items[0].Kind.ShouldBe("resumed");
        items[1].Kind.ShouldBe("subscribed");
        return items;
    }

    private static bool IsComplete(List<StreamEvent> items) => items[0].Body.GetProperty("complete").GetBoolean();

    private static IEnumerable<string> KindsOf(List<StreamEvent> items) => items.Skip(2).Select(e => e.Kind);

    private static string? TimeOf(StreamEvent record) => record.Json.GetProperty("receivedAt").GetString();

    // Each gap ends with the record after it.
    private static void CheckGaps(List<StreamEvent> items)
    {
        for (var i = 0; i < items.Count; i++)
        {
            if (items[i].Kind == "gap")
                items[i].Body.GetProperty("to").GetString().ShouldBe(i + 1 < items.Count ? TimeOf(items[i + 1]) : null);
        }
    }
}
