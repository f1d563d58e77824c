using System.Globalization;
using System.Text;
using KisFeed.Capture;
using KisFeed.Capture.Files;
using KisFeed.Feeds;
using KisFeed.Output;
using KisFeed.RabbitMq.Format;
using KisFeed.RabbitMq.Publishing;
using KisFeed.RabbitMq.Tests.Staging;
using KisFeed.TestSupport;

namespace KisFeed.RabbitMq.Tests.Publishing;

/// <summary>What of the capture and of the tap is published, and with which key epochs.</summary>
public sealed class ItemHandlerTests
{
    private const string Feed = "H0UPCNT0";

    private static readonly DateTimeOffset s_start = new(2026, 11, 20, 0, 0, 0, TimeSpan.Zero);
    private static readonly CaptureFile s_file = new("capture", CaptureFileFormat.Blocks, 0) { TrId = Feed };

    private readonly KeyEpochs _epochs = new();
    private readonly BatchAssembler _assembler;
    private readonly ItemHandler _items;

    public ItemHandlerTests()
    {
        _assembler = new BatchAssembler(
            new Partitions("test", 1), new BatchOrigin("a", 1, Continues: true), KisFeeds.Catalog, _epochs, 1000, 1000, static _ => 0);
        _items = new ItemHandler(_assembler, _epochs, At(0), At(50), continues: true);
    }

    [Fact]
    public void A_backlog_has_the_epochs_of_its_time_and_what_another_publisher_had_is_left_out()
    {
        _epochs.Restore(
            [new KeyPeriod(Feed, "0001", 3, At(1), At(5), IsReleased: true), new KeyPeriod(Feed, "0001", 5, At(7))], At(50));
        foreach (var at in (int[])[2, 4, 6, 8, 40])
            _items.TryAddRecorded(Frame("0001", at)).ShouldBe(at != 6, $"{at}");
        _items.TryAddRecorded(Frame("1001", 41)).ShouldBeFalse();

        // Consumers of this gateway have the key, before the cluster has placed it here again.
        _items.TryAddRecorded(Frame("0001", 60)).ShouldBeFalse();
        _epochs.Begin(Feed, "0001", 9, At(70));
        _items.TryAddRecorded(Frame("0001", 71)).ShouldBeTrue();

        Published().ShouldBe(["2 frame 3", "4 frame 3", "5 released 3", "8 frame 5", "40 frame 5", "50 capture 0", "71 frame 9"]);
        _items.LastFrameAt.ShouldBe(At(71));
    }

    [Fact]
    public void The_frames_of_the_tap_are_published_whatever_their_time_is()
    {
        _epochs.Begin(Feed, "0001", 9, At(70));
        _items.BeginJoin(At(71));
        foreach (var at in (int[])[72, 1, 73])
            _items.AddLive(new FrameItem(IndexTrade.Feed.Schema, Frame("0001", at).Frame, default), isRecording: true);

        Published().ShouldBe(["50 capture 0", "72 frame 9", "1 frame 9", "73 frame 9"]);
    }

    [Fact]
    public void A_frame_of_several_keys_goes_to_the_streams_of_the_keys_that_the_publisher_has()
    {
        var partitions = Enumerable.Range(2, 60).Select(count => new Partitions("test", count))
            .First(streams => streams.Of(Feed, "0001") != streams.Of(Feed, "1001"));
        var assembler = new BatchAssembler(
            partitions, new BatchOrigin("a", 1, Continues: true), KisFeeds.Catalog, _epochs, 1000, 1000, static _ => 0);
        _epochs.Begin(Feed, "0001", 9, At(1));
        var frame = Encoding.UTF8.GetBytes(NumberedService.Frame(0, 2));
        NumberedService.IsOf(0, 2, "0001").ShouldBeTrue();
        NumberedService.IsOf(0, 2, "1001").ShouldBeTrue();

        assembler.TryAddRecorded(new Frame(frame, At(2))).ShouldBeTrue();
        assembler.AddFrame(new Frame(frame, At(3)));
        assembler.CompleteAll();

        var batch = assembler.TakeComplete();
        (batch.Partition, batch.Entries).ShouldBe((partitions.Of(Feed, "0001"), 2));
        assembler.HasComplete.ShouldBeFalse();
    }

    [Fact]
    public void Without_placement_everything_of_the_tap_is_published()
    {
        _epochs.Begin(Feed, "0001", 0, At(70));
        _items.BeginJoin(At(71));
        _items.AddLive(new FrameItem(IndexTrade.Feed.Schema, Frame("1001", 72).Frame, default), isRecording: true);

        Published().ShouldBe(["50 capture 0", "72 frame 0"]);
    }

    [Fact]
    public void Recorded_events_are_published_if_the_publisher_had_their_key()
    {
        _epochs.Restore([new KeyPeriod(Feed, "0001", 3, At(10))], At(50));
        Add(CaptureEventKind.Registered, "0001", 5).ShouldBeFalse();
        Add(CaptureEventKind.Interrupted, "0001", 12).ShouldBeTrue();
        Add(CaptureEventKind.Interrupted, "1001", 13).ShouldBeFalse();
        Add(CaptureEventKind.Connected, null, 14, trId: null).ShouldBeTrue();
        Add(CaptureEventKind.Gap, null, 15).ShouldBeTrue();
        Add(CaptureEventKind.Gap, null, 16, "H0STCNT0").ShouldBeFalse();

        Published().ShouldBe(["12 interrupted 3", "14 connected 0", "15 gap 0"]);
    }

    [Fact]
    public void A_file_that_was_lost_while_it_was_written_is_reported_and_the_start_of_the_recorder_once()
    {
        _epochs.Begin(Feed, "0001", 0, At(50));
        AddHead(51, text: null).ShouldBeFalse();
        AddHead(60, "the previous file was removed while it was being written").ShouldBeTrue();

        Published().ShouldBe(["50 capture 0", "60 capture 0"]);
    }

    [Fact]
    public async Task Data_that_were_deleted_before_they_were_published_are_a_gap()
    {
        await using var session = await PublishedSession.StartAsync(
            Broker.Cluster([new Uri("amqp://127.0.0.1:1")]),
            new NumberedService.Options { Frames = 10 },
            options => options with { StopTimeout = TimeSpan.FromMilliseconds(100) });
        var deleted = new DeletedData(session.Folder.Path);
        deleted.Add(Feed, At(30));
        deleted.Add("H0IFCNI0", At(30));
        deleted.Save();
        deleted.Add(Feed, At(20));
        deleted.Save();
        var recorded = new RecordedSource(session.Recorder, KisFeeds.Catalog, TimeProvider.System);

        var item = (await ReadAsync(At(10))).ShouldHaveSingleItem();
        item.Event.ShouldNotBeNull().ShouldBe(new CaptureEvent
        {
            Kind = CaptureEventKind.Gap,
            At = At(30),
            TrId = Feed,
            From = At(10),
            To = At(30),
            Reason = GapReason.NotRecorded,
            Keys = item.Event!.Keys,
        });
        (await ReadAsync(At(30))).ShouldBeEmpty();

        // Readers may have read more than the publisher knows, so the gap is behind the frames of its time.
        await Patience.UntilAsync(() => session.Recorder.Status.Received == 10);
        await session.Recorder.FlushAsync();
        deleted.Add(Feed, DateTimeOffset.MaxValue);
        deleted.Save();
        var until = DateTimeOffset.UtcNow;
        var all = await ReadAsync(At(10), until);
        all.Count(found => found.IsFrame).ShouldBe(10);
        (all[^1].At, all[^1].Event!.Kind).ShouldBe((until, CaptureEventKind.Gap));

        _epochs.Begin(Feed, "0001", 0, At(1));
        _items.TryAddRecorded(item).ShouldBeTrue();
        _items.TryAddRecorded(item).ShouldBeFalse();

        async Task<List<CaptureItem>> ReadAsync(DateTimeOffset from, DateTimeOffset? until = null)
        {
            var items = new List<CaptureItem>();
            await foreach (var found in recorded.ReadAsync(from, until ?? At(40), CancellationToken.None))
                items.Add(found);
            return items;
        }
    }

    private static DateTimeOffset At(int seconds) => s_start.AddSeconds(seconds);

    private static CaptureItem Frame(string key, int at)
    {
        var number = Enumerable.Range(0, 5).First(
            i => NumberedService.IsOf(0, i, key) && NumberedService.Frame(0, i).StartsWith($"0|{Feed}|001", StringComparison.Ordinal));
        return new CaptureItem(s_file, new Frame(Encoding.UTF8.GetBytes(NumberedService.Frame(0, number)), At(at)));
    }

    private bool Add(CaptureEventKind kind, string? key, int at, string? trId = Feed) =>
        _items.TryAddRecorded(new CaptureItem(s_file, new CaptureEvent { Kind = kind, At = At(at), TrId = trId, Key = key }));

    private bool AddHead(int at, string? text) =>
        _items.TryAddRecorded(new CaptureItem(
            s_file, new CaptureEvent { Kind = CaptureEventKind.Capture, At = At(at), TrId = Feed, IsStart = true, Text = text }));

    // Each entry: its time, what it is, and its key epoch.
    private List<string> Published()
    {
        var entries = new List<string>();
        _assembler.CompleteAll();
        while (_assembler.HasComplete)
        {
            StreamBatch.TryRead(_assembler.TakeComplete().Body.ToArray(), out var batch, out _).ShouldBeTrue();
            foreach (var entry in batch!.Entries)
            {
                var isEvent = CaptureLine.TryRead(entry.Content, out var line);
                var what = entry.Kind == EntryKind.Frame ? "frame" : isEvent ? line.Event!.Name : "?";
                entries.Add(
                    string.Create(CultureInfo.InvariantCulture, $"{(entry.At - s_start).TotalSeconds:0} {what} {entry.EpochOf(0)}"));
            }
        }

        return entries;
    }
}
