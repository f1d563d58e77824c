using KisFeed.Gateway.Streaming;

namespace KisFeed.Gateway.Tests.Web.Streaming;

/// <summary>What a stream gets first that goes on where an earlier one ended: what is kept, and a gap wherever something is not.</summary>
public sealed class ReplayTests : IDisposable
{
    private const string Foreign = "0123456789ab-17";

    private readonly DispatcherWorld _world = new();

    public void Dispose() => _world.Dispose();

    [Fact]
    public void A_gap_stands_where_the_history_begins_and_another_where_the_key_was_let_go()
    {
        using var world = new DispatcherWorld(historyBytes: 12_000);
        var id = Begin(world);
        for (var i = 0; i < 20; i++)
            world.Record("0001");
        LetGo(world);
        world.Record("0001");
        world.Record("0001");

        var items = Resume(world, id);

        IsComplete(items).ShouldBeFalse();
        var gaps = items.FindAll(e => e.Kind == "gap");
        gaps.Count.ShouldBe(2);
        items.IndexOf(gaps[0]).ShouldBe(2, "before the first record that is kept");
        items.FindLastIndex(e => e.Kind == "gap").ShouldBe(items.Count - 3);
        CheckGaps(items);
        gaps[1].Body.GetProperty("from").GetString().ShouldBe(TimeOf(items[^4]));
    }

    [Fact]
    public void A_gap_stands_at_every_release()
    {
        var id = Begin(_world);
        _world.Record("0001");
        for (var i = 0; i < 3; i++)
        {
            LetGo(_world);
            _world.Record("0001");
        }

        var items = Resume(_world, id);

        IsComplete(items).ShouldBeFalse();
        KindsOf(items).ShouldBe(["record", "gap", "record", "gap", "record", "gap", "record"]);
        CheckGaps(items);
    }

    [Fact]
    public void A_stream_that_came_while_the_key_was_being_let_go_gets_the_gap_with_the_next_record()
    {
        var id = Begin(_world);
        _world.Record("0001");
        var consumer = _world.Open(new StreamStart(id, HasSnapshot: false), "0001");
        _world.Take(consumer);
        LetGo(_world);
        _world.Take(consumer).ShouldBeEmpty("nothing is known of it before the next record");
        _world.Record("0001");
        _world.Record("0001");

        var items = _world.Take(consumer);

        items.ConvertAll(e => e.Kind).ShouldBe(["gap", "record", "record"]);
        items[0].Body.GetProperty("reason").GetString().ShouldBe("renewed");
        items[0].Body.GetProperty("to").GetString().ShouldBe(TimeOf(items[1]));
    }

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public void What_was_missed_before_a_release_is_told_once(bool hasCome)
    {
        var id = Begin(_world);
        _world.Interrupt("0001");
        _world.Miss("0001", isLast: true);
        LetGo(_world);
        if (hasCome)
            _world.Record("0001");

        var items = Resume(_world, id);

        IsComplete(items).ShouldBeFalse();
        KindsOf(items).ShouldBe(hasCome ? ["interruption", "gap", "record"] : ["interruption", "gap"]);
        items.Find(e => e.Kind == "gap")!.Body.GetProperty("from").GetString().ShouldNotBeNull();
        CheckGaps(items);
    }

    [Fact]
    public void What_was_missed_where_the_history_begins_is_told_once()
    {
        using var world = new DispatcherWorld();
        world.Confirm("0001");
        world.Open(null, "0001");
        world.Interrupt("0001");
        world.Miss("0001");
        world.Record("0001");

        var items = Resume(world, Foreign);

        KindsOf(items).ShouldBe(["interruption", "gap", "record"]);
        CheckGaps(items);
    }

    [Fact]
    public void A_gap_of_upstream_stays_what_it_was_where_all_is_known()
    {
        var id = Begin(_world);
        _world.Interrupt("0001");
        _world.Miss("0001", GapReason.Silence);
        _world.Record("0001");

        var items = Resume(_world, id);

        IsComplete(items).ShouldBeTrue();
        KindsOf(items).ShouldBe(["interruption", "gap", "record"]);
        var gap = items.Find(e => e.Kind == "gap")!;
        gap.Id.ShouldNotBeNull();
        gap.Body.GetProperty("reason").GetString().ShouldBe("silence");
    }

    [Fact]
    public void Records_never_go_back_in_time_with_a_snapshot_either()
    {
        Begin(_world);
        for (var i = 0; i < 5; i++)
            _world.Record("0001");

        var items = Resume(_world, Foreign, hasSnapshot: true);

        KindsOf(items).ShouldBe(["gap", "record", "record", "record", "record", "record", "record"]);
        items.ShouldNotContain(e => e.IsRecord && e.Id == null, "the last record is kept, and comes in its place");
        CheckGaps(items);
    }

    [Fact]
    public void A_snapshot_stands_behind_the_gap_where_nothing_is_kept()
    {
        using var world = new DispatcherWorld(historyBytes: 1);
        Begin(world);
        world.Record("0001");

        var items = Resume(world, Foreign, hasSnapshot: true);

        KindsOf(items).ShouldBe(["gap", "record"]);
        items[^1].Json.GetProperty("snapshot").GetBoolean().ShouldBeTrue();
        CheckGaps(items);
    }

    [Fact]
    public void Who_goes_on_with_nothing_is_not_counted()
    {
        var id = Begin(_world);

        _world.Open(new StreamStart(id, HasSnapshot: false));
        _world.Dispatcher.Counters.Resumed.ShouldBe(0);
        _world.Open(new StreamStart(Foreign, HasSnapshot: false));
        _world.Dispatcher.Counters.ResumedInPart.ShouldBe(0);

        _world.Open(new StreamStart(id, HasSnapshot: false), "0001");
        _world.Dispatcher.Counters.Resumed.ShouldBe(1);
    }

    // A stream that has had a record, and has gone; its id.
    private static string Begin(DispatcherWorld world)
    {
        world.Confirm("0001");
        var first = world.Open(null, "0001");
        world.Record("0001");
        var id = world.Take(first)[^1].Id!;
        world.Close(first);
        return id;
    }

    private static void LetGo(DispatcherWorld world)
    {
        world.Release("0001");
        world.Confirm("0001");
    }

    private static List<StreamEvent> Resume(DispatcherWorld world, string id, bool hasSnapshot = false)
    {
        var items = world.Take(world.Open(new StreamStart(id, hasSnapshot), "0001"));
        items[0].Kind.ShouldBe("resumed");
        items[1].Kind.ShouldBe("subscribed");
        return items;
    }

    private static bool IsComplete(List<StreamEvent> items) => items[0].Body.GetProperty("complete").GetBoolean();

    private static IEnumerable<string> KindsOf(List<StreamEvent> items) => items.Skip(2).Select(e => e.Kind);

    private static string? TimeOf(StreamEvent record) => record.Json.GetProperty("receivedAt").GetString();

    // Each gap ends with the record behind it.
    private static void CheckGaps(List<StreamEvent> items)
    {
        for (var i = 0; i < items.Count; i++)
        {
            if (items[i].Kind == "gap")
                items[i].Body.GetProperty("to").GetString().ShouldBe(i + 1 < items.Count ? TimeOf(items[i + 1]) : null);
        }
    }
}
