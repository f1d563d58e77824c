using KisFeed.Feeds;

namespace KisFeed.Gateway.Tests.Hub;

public sealed class HistoryTests
{
    private readonly ManualTimeProvider _time = new();
    private readonly FeedChannels _feed = new(IndexTrade.Feed.Schema);
    private readonly KeyChannel _kospi;
    private readonly KeyChannel _kosdaq;

    public HistoryTests()
    {
        _kospi = new KeyChannel(_feed, "0001", since: 0);
        _kosdaq = new KeyChannel(_feed, "1001", since: 0);
    }

    [Fact]
    public void Items_behind_one_come_in_their_order_also_where_numbers_are_missing()
    {
        var history = new History(1 << 20, TimeSpan.FromSeconds(60), _time);
        foreach (var number in new[] { 2, 3, 7, 9 })
            history.Add(Item(_kospi, number));

        history.After(0).Select(i => i.Number).ShouldBe([2, 3, 7, 9]);
        history.After(3).Select(i => i.Number).ShouldBe([7, 9]);
        history.After(5).Select(i => i.Number).ShouldBe([7, 9]);
        history.After(9).ShouldBeEmpty();
        history.After(100).ShouldBeEmpty();
    }

    [Fact]
    public void Memory_is_bounded_and_a_key_knows_what_was_forgotten_of_it()
    {
        var history = new History(3 * StreamItem.Overhead, TimeSpan.FromSeconds(60), _time);
        history.Add(Item(_kosdaq, 1));
        for (var number = 2; number <= 6; number++)
            history.Add(Item(_kospi, number));

        history.Count.ShouldBe(3);
        history.Bytes.ShouldBe(3 * StreamItem.Overhead);
        _kospi.IsKnownSince(2).ShouldBeFalse();
        _kospi.IsKnownSince(3).ShouldBeTrue("4, 5 and 6 are there");
        _kosdaq.IsKnownSince(1).ShouldBeTrue("nothing has come of it since");
    }

    [Fact]
    public void What_is_too_old_is_forgotten()
    {
        var history = new History(1 << 20, TimeSpan.FromSeconds(60), _time);
        history.Add(Item(_kospi, 1));
        _time.Advance(TimeSpan.FromSeconds(40));
        history.Add(Item(null, 2));
        _time.Advance(TimeSpan.FromSeconds(40));

        history.Trim();

        history.After(0).ShouldHaveSingleItem().Number.ShouldBe(2);
        _kospi.IsKnownSince(1).ShouldBeTrue();
        _time.Advance(TimeSpan.FromSeconds(40));
        history.Trim();
        history.Bytes.ShouldBe(0);
        _kospi.IsKnownSince(1).ShouldBeFalse("what was of the whole feed was of this key too");
        _kospi.IsKnownSince(2).ShouldBeTrue();
    }

    [Fact]
    public void A_key_that_was_given_back_is_not_known_across_that()
    {
        _kospi.Break(10);

        _kospi.IsKnownSince(9).ShouldBeFalse();
        _kospi.IsKnownSince(11).ShouldBeTrue();
    }

    private StreamItem Item(KeyChannel? of, long number) => new() { Kind = StreamItemKind.Record, Number = number, Feed = _feed, Channel = of, ArrivedAt = _time.GetTimestamp() };
}
