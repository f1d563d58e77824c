using KisFeed.Feeds;
using KisFeed.Gateway.Dispatching;
using KisFeed.Gateway.Hub;
using KisFeed.Wire;

namespace KisFeed.Gateway.Tests.Streaming;

/// <summary>The items that the replay buffer keeps, and whether a resumed stream is complete.</summary>
public sealed class ReplayBufferTests : IDisposable
{
    private readonly ManualTimeProvider _time = new();
    private readonly List<StreamItem> _forgotten = [];
    private readonly ItemKey _kospi = new(IndexTrade.Feed.Schema, "0001", new RecordVolumes(IndexTrade.Feed.Schema));
    private readonly ItemKey _kosdaq = new(IndexTrade.Feed.Schema, "1001", new RecordVolumes(IndexTrade.Feed.Schema));
    private DispatcherHarness _harness = new();

    public void Dispose() => _harness.Dispose();

    [Fact]
    public void Items_after_a_number_are_in_order_even_if_numbers_are_missing()
    {
        var buffer = NewBuffer(1 << 20);
        foreach (var number in new[] { 2, 3, 7, 9 })
            buffer.Add(Item(_kospi, number));

        buffer.After(0).Select(i => i.Number).ShouldBe([2, 3, 7, 9]);
        buffer.After(3).Select(i => i.Number).ShouldBe([7, 9]);
        buffer.After(5).Select(i => i.Number).ShouldBe([7, 9]);
        buffer.After(9).ShouldBeEmpty();
        buffer.After(100).ShouldBeEmpty();
    }

    [Fact]
    public void Memory_is_bounded_and_dropped_items_are_reported()
    {
        var buffer = NewBuffer(3 * StreamItem.Overhead);
        buffer.Add(Item(_kosdaq, 1));
        for (var number = 2; number <= 6; number++)
            buffer.Add(Item(_kospi, number));

        buffer.Count.ShouldBe(3);
        buffer.Bytes.ShouldBe(3 * StreamItem.Overhead);
        _forgotten.Select(i => (i.Key!.Key, i.Number)).ShouldBe([("1001", 1), ("0001", 2), ("0001", 3)]);
        buffer.ForgottenThrough.ShouldBe(0, "each item belonged to a key");
    }

    [Fact]
    public void Items_that_are_too_old_are_dropped()
    {
        var buffer = NewBuffer(1 << 20);
        buffer.Add(Item(_kospi, 1));
        _time.Advance(TimeSpan.FromSeconds(40));
        buffer.Add(new StreamItem { Kind = StreamItemKind.Malformed, Number = 2, ArrivedAt = _time.GetTimestamp() });
        _time.Advance(TimeSpan.FromSeconds(40));

        buffer.Trim();

        buffer.After(0).ShouldHaveSingleItem().Number.ShouldBe(2);
        buffer.ForgottenThrough.ShouldBe(0);
        _time.Advance(TimeSpan.FromSeconds(40));
        buffer.Trim();
        buffer.Bytes.ShouldBe(0);
        buffer.ForgottenThrough.ShouldBe(2);
        _forgotten.ShouldHaveSingleItem().Number.ShouldBe(1);
    }

    [Fact]
    public void A_key_is_complete_unless_one_of_its_items_was_dropped()
    {
        _harness.Dispose();
        _harness = new DispatcherHarness(replayBufferBytes: 4096);
        var first = _harness.Open(null, "0001", "1001");
        _harness.Record("1001");
        for (var i = 0; i < 20; i++)
            _harness.Record("0001");
        var ids = _harness.ReadQueue(first).Where(e => e.IsRecord).Select(e => e.Id!).ToList();

        IsComplete(ids[0], "1001").ShouldBeTrue("no record of it has been received since");
        IsComplete(ids[1], "0001").ShouldBeFalse();
        IsComplete(ids[^2], "0001").ShouldBeTrue("the last item is kept");
    }

    [Fact]
    public void A_dropped_item_of_the_whole_feed_affects_all_its_keys()
    {
        var first = _harness.Open(null, "0001");
        _harness.Record("0001");
        _harness.AddMalformed("broken", isOfIndex: true);
        var ids = _harness.ReadQueue(first).Where(e => e.Id is not null).Select(e => e.Id!).ToList();
        ids.Count.ShouldBe(2);
        IsComplete(ids[0], "0001").ShouldBeTrue();

        _harness.Time.Advance(TimeSpan.FromSeconds(120));

        IsComplete(ids[0], "0001").ShouldBeFalse("the malformed frame may have belonged to this key");
        IsComplete(ids[1], "0001").ShouldBeTrue();
    }

    [Fact]
    public void A_key_that_was_released_is_not_complete_across_the_release()
    {
        var first = _harness.Open(null, "0001");
        _harness.Record("0001");
        _harness.Release("0001");
        _harness.Record("0001");
        _harness.Record("0001");
        var ids = _harness.ReadQueue(first).Where(e => e.IsRecord).Select(e => e.Id!).ToList();

        IsComplete(ids[0], "0001").ShouldBeFalse();
        IsComplete(ids[1], "0001").ShouldBeTrue();
    }

    private bool IsComplete(string after, string key) =>
        _harness.ReadQueue(_harness.Open(new StreamStart(after, HasSnapshot: false), key))[0].Json.GetProperty("resumed")
            .GetProperty("complete").GetBoolean();

    private ReplayBuffer NewBuffer(long bytes) => new(bytes, TimeSpan.FromSeconds(60), _time, _forgotten.Add);

    private StreamItem Item(ItemKey key, long number) =>
        new() { Kind = StreamItemKind.Record, Number = number, Feed = key.Feed, Key = key, ArrivedAt = _time.GetTimestamp() };
}
