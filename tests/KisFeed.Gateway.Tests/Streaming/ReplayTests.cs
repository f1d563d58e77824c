using KisFeed.Gateway.Dispatching;

namespace KisFeed.Gateway.Tests.Streaming;

/// <summary>The first items of a resumed stream: the kept items, and gaps for the missing ones.</summary>
public sealed class ReplayTests : IDisposable
{
    private const string Foreign = "0123456789ab-17";

    private DispatcherHarness _harness = new();

    public void Dispose() => _harness.Dispose();

    [Fact]
    public void There_is_a_gap_at_the_start_of_the_replay_buffer_and_another_at_the_release()
    {
        LimitReplayBuffer(12_000);
        var id = StartAndEnd();
        for (var i = 0; i < 20; i++)
            _harness.Record("0001");
        ReleaseKey();
        _harness.Record("0001");
        _harness.Record("0001");

        var items = Resume(id);

        IsComplete(items).ShouldBeFalse();
        var gaps = items.FindAll(e => e.Kind == "gap");
        gaps.Count.ShouldBe(2);
        items.IndexOf(gaps[0]).ShouldBe(2, "before the first kept record");
        items.FindLastIndex(e => e.Kind == "gap").ShouldBe(items.Count - 3);
        CheckGaps(items);
        gaps[1].Text("from").ShouldBe(TimeOf(items[^4]));
    }

    [Fact]
    public void There_is_a_gap_at_every_release()
    {
        var id = StartAndEnd();
        _harness.Record("0001");
        for (var i = 0; i < 3; i++)
        {
            ReleaseKey();
            _harness.Record("0001");
        }

        var items = Resume(id);

        IsComplete(items).ShouldBeFalse();
        KindsOf(items).ShouldBe(["record", "gap", "record", "gap", "record", "gap", "record"]);
        CheckGaps(items);
    }

    [Fact]
    public void A_stream_opened_during_a_release_receives_the_gap_with_the_next_record()
    {
        var id = StartAndEnd();
        _harness.Record("0001");
        var consumer = _harness.Open(new StreamStart(id, HasSnapshot: false), "0001");
        _harness.ReadQueue(consumer);
        ReleaseKey();
        _harness.ReadQueue(consumer).ShouldBeEmpty("the gap is unknown before the next record");
        _harness.Record("0001");
        _harness.Record("0001");

        var items = _harness.ReadQueue(consumer);

        items.ConvertAll(e => e.Kind).ShouldBe(["gap", "record", "record"]);
        items[0].Text("reason").ShouldBe("renewed");
        items[0].Text("to").ShouldBe(TimeOf(items[1]));
    }

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public void Data_missed_before_a_release_are_reported_once(bool hasArrived)
    {
        var id = StartAndEnd();
        _harness.Interrupt("0001");
        _harness.AddGap("0001", isLast: true);
        ReleaseKey();
        if (hasArrived)
            _harness.Record("0001");

        var items = Resume(id);

        IsComplete(items).ShouldBeFalse();
        KindsOf(items).ShouldBe(hasArrived ? ["interruption", "gap", "record"] : ["interruption", "gap"]);
        items.Find(e => e.Kind == "gap")!.Text("from").ShouldNotBeNull();
        CheckGaps(items);
    }

    [Fact]
    public void Data_missed_at_the_start_of_the_replay_buffer_are_reported_once()
    {
        _harness.Confirm("0001");
        _harness.Open(null, "0001");
        _harness.Interrupt("0001");
        _harness.AddGap("0001");
        _harness.Record("0001");

        var items = Resume(Foreign);

        KindsOf(items).ShouldBe(["interruption", "gap", "record"]);
        CheckGaps(items);
    }

    [Fact]
    public void A_gap_of_upstream_is_unchanged_if_the_replay_buffer_is_complete()
    {
        var id = StartAndEnd();
        _harness.Interrupt("0001");
        _harness.AddGap("0001", GapReason.Silence);
        _harness.Record("0001");

        var items = Resume(id);

        IsComplete(items).ShouldBeTrue();
        KindsOf(items).ShouldBe(["interruption", "gap", "record"]);
        var gap = items.Find(e => e.Kind == "gap")!;
        gap.Id.ShouldNotBeNull();
        gap.Text("reason").ShouldBe("silence");
    }

    [Fact]
    public void Records_are_in_order_with_a_snapshot_too()
    {
        StartAndEnd();
        for (var i = 0; i < 5; i++)
            _harness.Record("0001");

        var items = Resume(Foreign, hasSnapshot: true);

        KindsOf(items).ShouldBe(["gap", "record", "record", "record", "record", "record", "record"]);
        items.ShouldNotContain(e => e.IsRecord && e.Id == null, "the last record is kept and delivered in order");
        CheckGaps(items);
    }

    [Fact]
    public void A_snapshot_follows_the_gap_if_the_replay_buffer_is_empty()
    {
        LimitReplayBuffer(1);
        StartAndEnd();
        _harness.Record("0001");

        var items = Resume(Foreign, hasSnapshot: true);

        KindsOf(items).ShouldBe(["gap", "record"]);
        items[^1].Json.GetProperty("snapshot").GetBoolean().ShouldBeTrue();
        CheckGaps(items);
    }

    [Fact]
    public void A_resumed_stream_without_items_is_not_counted()
    {
        var id = StartAndEnd();

        _harness.Open(new StreamStart(id, HasSnapshot: false));
        _harness.Dispatcher.Counters.Resumed.Value.ShouldBe(0);
        _harness.Open(new StreamStart(Foreign, HasSnapshot: false));
        _harness.Dispatcher.Counters.ResumedInPart.Value.ShouldBe(0);

        _harness.Open(new StreamStart(id, HasSnapshot: false), "0001");
        _harness.Dispatcher.Counters.Resumed.Value.ShouldBe(1);
    }

    private void LimitReplayBuffer(int bytes)
    {
        _harness.Dispose();
        _harness = new DispatcherHarness(bytes);
    }

    // Opens a stream, delivers a record, closes the stream and returns the record's id.
    private string StartAndEnd()
    {
        _harness.Confirm("0001");
        var first = _harness.Open(null, "0001");
        _harness.Record("0001");
        var id = _harness.ReadQueue(first)[^1].Id!;
        _harness.Close(first);
        return id;
    }

    private void ReleaseKey()
    {
        _harness.Release("0001");
        _harness.Confirm("0001");
    }

    private List<StreamEvent> Resume(string id, bool hasSnapshot = false)
    {
        var items = _harness.ReadQueue(_harness.Open(new StreamStart(id, hasSnapshot), "0001"));
        items.Take(2).Select(item => item.Kind).ShouldBe(["resumed", "subscribed"]);
        return items;
    }

    private static bool IsComplete(List<StreamEvent> items) => items[0].Body.GetProperty("complete").GetBoolean();

    private static IEnumerable<string> KindsOf(List<StreamEvent> items) => items.Skip(2).Select(e => e.Kind);

    private static string? TimeOf(StreamEvent record) => record.Text("receivedAt");

    // Each gap ends with the record after it.
    private static void CheckGaps(List<StreamEvent> items)
    {
        for (var i = 0; i < items.Count; i++)
        {
            if (items[i].Kind == "gap")
                items[i].Text("to").ShouldBe(i + 1 < items.Count ? TimeOf(items[i + 1]) : null);
        }
    }
}
