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
    public void A_frame_with_one_record_is_stored_unchanged()
    {
        Confirm("0001");
        AddRecord("a");
        var frame = $"0|{s_index.TrId}|1|{Record(" 0001", "bb")}";

        AddFrame(frame, s_start.AddSeconds(1));

        TextOf("0001").ShouldBe(frame);
        Find("0001")!.ReceivedAt.ShouldBe(s_start.AddSeconds(1));
        _frames.ReceivedAt.ShouldBe(s_start.AddSeconds(1));
    }

    [Theory]
    [InlineData("3", "1")]
    [InlineData("03", "01")]
    [InlineData("003", "001")]
    [InlineData("000000003", "000000001")]
    public void The_last_record_of_each_key_of_a_frame_is_stored_as_its_own_frame(string count, string one)
    {
        Confirm("0001");
        Confirm("1001");

        AddFrame($"0|{s_index.TrId}|{count}|{Record("0001", "first")}^{Record("1001", "second")}^{Record("0001", "third")}");

        TextOf("0001").ShouldBe($"0|{s_index.TrId}|{one}|{Record("0001", "third")}");
        TextOf("1001").ShouldBe($"0|{s_index.TrId}|{one}|{Record("1001", "second")}");
    }

    [Fact]
    public void Only_the_last_of_twelve_records_is_stored_with_a_count_of_one()
    {
        Confirm("0001");

        AddFrame($"0|{s_index.TrId}|012|{string.Join('^', Enumerable.Range(0, 12).Select(i => Record("0001", $"{i}")))}");

        TextOf("0001").ShouldBe(Frame("11"));
    }

    [Fact]
    public void Records_of_unregistered_keys_are_skipped()
    {
        Confirm("0001");

        AddFrame($"0|{s_index.TrId}|004|{Record("9", "a")}^{Record("0001", "b")}^{Record("9", "c")}^{Record("0001", "d")}^");
        TextOf("0001").ShouldBe(Frame("d"));
        AddFrame($"0|{s_index.TrId}|002|{Record("0001", "e")}^{Record("9", "f")}");

        TextOf("0001").ShouldBe(Frame("e"));
        Find("9").ShouldBeNull();
    }

    [Fact]
    public void Unknown_columns_are_stored()
    {
        Confirm("0001");

        AddFrame($"0|{s_index.TrId}|002|{Record("0001", "a")}^new^er^{Record("0001", "b")}^new^est");

        TextOf("0001").ShouldBe($"0|{s_index.TrId}|001|{Record("0001", "b")}^new^est");
    }

    [Fact]
    public void A_shorter_frame_replaces_a_longer_one_completely()
    {
        Confirm("0001");
        AddRecord(new string('x', 3000));

        AddRecord("y");

        TextOf("0001").ShouldBe(Frame("y"));
    }

    [Fact]
    public void A_key_has_a_last_frame_only_while_it_is_registered()
    {
        AddRecord("too early");
        Find("0001").ShouldBeNull();
        Confirm("0001");
        Find("0001").ShouldBe(new LastFrame(Find("0001")!.Bytes, ReceivedAt: null, Interruption: null));
        Find("0001")!.Bytes.IsEmpty.ShouldBeTrue();
        AddRecord("a");
        Confirm("0001");
        TextOf("0001").ShouldEndWith(Record("0001", "a"), Case.Sensitive, "registered again on another connection");

        AddEvent("0001", new RegistrationReleased { At = s_start });
        Find("0001").ShouldBeNull();
        Confirm("0001");
        Find("0001")!.Bytes.IsEmpty.ShouldBeTrue("earlier data are out of date");
        AddEvent("0001", new RegistrationRefused { At = s_start, Problem = "no" });

        Find("0001").ShouldBeNull();
    }

    [Fact]
    public void An_interruption_is_flagged_until_the_next_data()
    {
        Confirm("0001");
        AddRecord("a");
        var interruption = new Interruption
        {
            At = s_start.AddSeconds(5),
            Reason = GapReason.ConnectionLost,
            Feed = s_index,
            Key = "0001",
        };
        AddEvent("0001", interruption);
        AddEvent("1001", interruption);

        Find("0001")!.Interruption.ShouldBe(interruption);
        TextOf("0001").ShouldEndWith(Record("0001", "a"));
        AddRecord("b");

        Find("0001")!.Interruption.ShouldBeNull();
    }

    [Fact]
    public void Order_notices_are_never_stored()
    {
        _frames.OnEvent(new FrameItem(new RegistrationConfirmed { At = s_start, Session = "1" }.AddressedTo(s_notice, "anna")));
        _frames.OnFrame(
            TestFrames.Item(s_notice, $"0|{s_notice.TrId}|001|anna{new string('^', s_notice.Layouts[0].Width - 1)}", s_start), "anna");

        _frames.Find(new HubKey(s_notice.TrId, "anna")).ShouldBeNull();
        _frames.ReceivedAt.ShouldBe(s_start);
    }

    [Fact]
    public void Everything_is_removed_when_upstream_ends()
    {
        Confirm("0001");
        AddRecord("a");

        _frames.OnUpstreamEnded("lost");

        Find("0001").ShouldBeNull();
    }

    [Fact]
    public void Frames_of_known_keys_allocate_nothing()
    {
        Confirm("0001");
        Confirm("1001");
        FrameItem[] items =
        [
            Item($"0|{s_index.TrId}|001|{Record("0001", "a")}"),
            Item($"0|{s_index.TrId}|003|{Record("0001", "b")}^{Record("1001", "c")}^{Record("9", "d")}"),
        ];
        foreach (var item in items)
            _frames.OnFrame(item, null);

        var before = GC.GetAllocatedBytesForCurrentThread();
        for (var i = 0; i < 20_000; i++)
            _frames.OnFrame(items[i % items.Length], null);

        // Not zero: after a collection the unused rest of the thread's allocation context counts as allocated.
        (GC.GetAllocatedBytesForCurrentThread() - before).ShouldBeLessThan(20_000);
    }

    [Fact]
    public async Task Concurrent_readers_get_complete_frames()
    {
        const int Rounds = 20_000;
        Confirm("0001");
        FrameItem[] items = [.. Enumerable.Range(0, 10)
            .Select(i => Item($"0|{s_index.TrId}|001|{Record("0001", new string((char)('a' + i), 20 * (i + 1)))}"))];
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

    private static FrameItem Item(string frame, DateTimeOffset? receivedAt = null) =>
        TestFrames.Item(s_index, frame, receivedAt ?? s_start);

    private static string Frame(string last) => $"0|{s_index.TrId}|001|{Record("0001", last)}";

    private void AddRecord(string last) => AddFrame(Frame(last));

    private void Confirm(string key) => AddEvent(key, new RegistrationConfirmed { At = s_start, Session = "1" });

    private void AddEvent(string key, FeedEvent feedEvent) => _frames.OnEvent(new FrameItem(feedEvent.AddressedTo(s_index, key)));

    private void AddFrame(string frame, DateTimeOffset? receivedAt = null) => _frames.OnFrame(Item(frame, receivedAt), null);

    private LastFrame? Find(string key) => _frames.Find(new HubKey(s_index.TrId, key));

    private string TextOf(string key) => Encoding.UTF8.GetString(Find(key).ShouldNotBeNull().Bytes.Span);
}
