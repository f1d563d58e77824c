using System.Text;
using KisFeed.Feeds;
using KisFeed.Gateway.Hub;
using KisFeed.Wire;

namespace KisFeed.Gateway.Tests.Hub;

public sealed class LastFramesTests
{
    private static readonly FeedSchema s_index = IndexTrade.Feed.Schema;
    private static readonly FeedSchema s_notice = KisFeeds.Catalog.Feeds.First(f => f.IsNotice);
    private static readonly DateTimeOffset s_start = new(2026, 11, 20, 0, 30, 1, TimeSpan.Zero);

    private readonly LastFrames _frames = new();

    [Fact]
    public void A_frame_of_one_record_is_kept_as_it_came()
    {
        Confirm("0001");
        Take($"0|{s_index.TrId}|001|{Record("0001", "a")}");
        var frame = $"0|{s_index.TrId}|1|{Record(" 0001", "bb")}";

        Take(frame, s_start.AddSeconds(1));

        TextOf("0001").ShouldBe(frame);
        Find("0001")!.ReceivedAt.ShouldBe(s_start.AddSeconds(1));
        _frames.ReceivedAt.ShouldBe(s_start.AddSeconds(1));
    }

    [Theory]
    [InlineData("3", "1")]
    [InlineData("03", "01")]
    [InlineData("003", "001")]
    [InlineData("000000003", "000000001")]
    public void Of_a_frame_of_many_records_the_last_of_each_key_is_kept_as_a_frame_of_its_own(string count, string one)
    {
        Confirm("0001");
        Confirm("1001");

        Take($"0|{s_index.TrId}|{count}|{Record("0001", "first")}^{Record("1001", "second")}^{Record("0001", "third")}");

        TextOf("0001").ShouldBe($"0|{s_index.TrId}|{one}|{Record("0001", "third")}");
        TextOf("1001").ShouldBe($"0|{s_index.TrId}|{one}|{Record("1001", "second")}");
    }

    [Fact]
    public void Of_a_frame_of_twelve_records_one_is_left_and_counted_as_one()
    {
        Confirm("0001");

        Take($"0|{s_index.TrId}|012|{string.Join('^', Enumerable.Range(0, 12).Select(i => Record("0001", $"{i}")))}");

        TextOf("0001").ShouldBe($"0|{s_index.TrId}|001|{Record("0001", "11")}");
    }

    [Fact]
    public void Records_of_keys_that_nobody_has_registered_are_passed_over()
    {
        Confirm("0001");

        Take($"0|{s_index.TrId}|004|{Record("9", "a")}^{Record("0001", "b")}^{Record("9", "c")}^{Record("0001", "d")}^");
        TextOf("0001").ShouldBe($"0|{s_index.TrId}|001|{Record("0001", "d")}");
        Take($"0|{s_index.TrId}|002|{Record("0001", "e")}^{Record("9", "f")}");

        TextOf("0001").ShouldBe($"0|{s_index.TrId}|001|{Record("0001", "e")}");
        Find("9").ShouldBeNull();
    }

    [Fact]
    public void Columns_that_nobody_knows_are_kept_too()
    {
        Confirm("0001");

        Take($"0|{s_index.TrId}|002|{Record("0001", "a")}^new^er^{Record("0001", "b")}^new^est");

        TextOf("0001").ShouldBe($"0|{s_index.TrId}|001|{Record("0001", "b")}^new^est");
    }

    [Fact]
    public void A_shorter_frame_leaves_nothing_of_a_longer_one()
    {
        Confirm("0001");
        Take($"0|{s_index.TrId}|001|{Record("0001", new string('x', 3000))}");

        Take($"0|{s_index.TrId}|001|{Record("0001", "y")}");

        TextOf("0001").ShouldBe($"0|{s_index.TrId}|001|{Record("0001", "y")}");
    }

    [Fact]
    public void A_key_is_kept_from_its_registration_to_its_end()
    {
        Take($"0|{s_index.TrId}|001|{Record("0001", "too early")}");
        Find("0001").ShouldBeNull();
        Confirm("0001");
        Find("0001").ShouldBe(new LastFrame(Find("0001")!.Bytes, ReceivedAt: null, Interruption: null));
        Find("0001")!.Bytes.IsEmpty.ShouldBeTrue();
        Take($"0|{s_index.TrId}|001|{Record("0001", "a")}");
        Confirm("0001");
        TextOf("0001").ShouldEndWith(Record("0001", "a"), Case.Sensitive, "registered anew on another connection");

        Happen("0001", new RegistrationReleased { At = s_start });
        Find("0001").ShouldBeNull();
        Confirm("0001");
        Find("0001")!.Bytes.IsEmpty.ShouldBeTrue("what came before is out of date");
        Happen("0001", new RegistrationRefused { At = s_start, Problem = "no" });

        Find("0001").ShouldBeNull();
    }

    [Fact]
    public void That_data_may_be_missing_shows_until_data_come()
    {
        Confirm("0001");
        Take($"0|{s_index.TrId}|001|{Record("0001", "a")}");
        var interruption = new Interruption { At = s_start.AddSeconds(5), Reason = GapReason.ConnectionLost };
        Happen("0001", interruption);
        Happen("1001", interruption);

        Find("0001")!.Interruption.ShouldBe(interruption);
        TextOf("0001").ShouldEndWith(Record("0001", "a"));
        Take($"0|{s_index.TrId}|001|{Record("0001", "b")}");

        Find("0001")!.Interruption.ShouldBeNull();
    }

    [Fact]
    public void Order_notices_are_never_kept()
    {
        _frames.OnEvent(new TapItem(new RegistrationConfirmed { At = s_start, Session = "1" }, s_notice.TrId, s_notice, "anna"));
        var frame = Encoding.UTF8.GetBytes($"0|{s_notice.TrId}|001|anna{new string('^', s_notice.Layouts[0].Width - 1)}");
        DataFrame.TryParse(frame, out var parsed, out _).ShouldBeTrue();
        s_notice.TryResolve(parsed, out var shape, out _).ShouldBeTrue();

        _frames.OnFrame(new TapItem(s_notice, new Frame(frame, s_start), shape), "anna");

        _frames.Find(new HubKey(s_notice.TrId, "anna")).ShouldBeNull();
        _frames.ReceivedAt.ShouldBe(s_start);
    }

    [Fact]
    public void When_upstream_is_over_so_is_all_that_was_registered()
    {
        Confirm("0001");
        Take($"0|{s_index.TrId}|001|{Record("0001", "a")}");

        _frames.OnUpstreamEnded("lost");

        Find("0001").ShouldBeNull();
    }

    [Fact]
    public void Nothing_is_allocated_for_keys_that_have_come_before()
    {
        Confirm("0001");
        Confirm("1001");
        TapItem[] items = [Item($"0|{s_index.TrId}|001|{Record("0001", "a")}"), Item($"0|{s_index.TrId}|003|{Record("0001", "b")}^{Record("1001", "c")}^{Record("9", "d")}")];
        foreach (var item in items)
            _frames.OnFrame(item, null);

        var before = GC.GetAllocatedBytesForCurrentThread();
        for (var i = 0; i < 20_000; i++)
            _frames.OnFrame(items[i % items.Length], null);

        // Not zero: what a collection amid it leaves unused of the thread's own room counts as allocated.
        (GC.GetAllocatedBytesForCurrentThread() - before).ShouldBeLessThan(20_000);
    }

    [Fact]
    public async Task Who_asks_while_frames_come_gets_whole_ones()
    {
        const int Rounds = 20_000;
        Confirm("0001");
        TapItem[] items = [.. Enumerable.Range(0, 10).Select(i => Item($"0|{s_index.TrId}|001|{Record("0001", new string((char)('a' + i), 20 * (i + 1)))}"))];
        var whole = items.Select(i => Encoding.UTF8.GetString(i.Frame.Bytes.Span)).ToHashSet(StringComparer.Ordinal);
        _frames.OnFrame(items[0], null);

        var coming = Task.Run(() =>
        {
            for (var i = 0; i < Rounds; i++)
                _frames.OnFrame(items[i % items.Length], null);
        });
        do
        {
            whole.Contains(TextOf("0001")).ShouldBeTrue();
        }
        while (!coming.IsCompleted);
        await coming;
    }

    private static string Record(string key, string last) => $"{key}{new string('^', s_index.Layouts[0].Width - 1)}{last}";

    private static TapItem Item(string frame, DateTimeOffset? receivedAt = null)
    {
        var bytes = Encoding.UTF8.GetBytes(frame);
        DataFrame.TryParse(bytes, out var parsed, out _).ShouldBeTrue();
        s_index.TryResolve(parsed, out var shape, out _).ShouldBeTrue();
        return new TapItem(s_index, new Frame(bytes, receivedAt ?? s_start), shape);
    }

    private void Confirm(string key) => Happen(key, new RegistrationConfirmed { At = s_start, Session = "1" });

    private void Happen(string key, FeedEvent happened) => _frames.OnEvent(new TapItem(happened, s_index.TrId, s_index, key));

    private void Take(string frame, DateTimeOffset? receivedAt = null) => _frames.OnFrame(Item(frame, receivedAt), null);

    private LastFrame? Find(string key) => _frames.Find(new HubKey(s_index.TrId, key));

    private string TextOf(string key) => Encoding.UTF8.GetString(Find(key).ShouldNotBeNull().Bytes.Span);
}
