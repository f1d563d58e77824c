using KisFeed.Capture.Recording;
using KisFeed.Wire;

namespace KisFeed.Capture.Tests.Recording;

/// <summary>Which items of a tap are written to a capture, and in which order.</summary>
public sealed class CaptureEncoderTests : IDisposable
{
    private readonly CaptureFolder _folder = new();

    public void Dispose() => _folder.Dispose();

    [Fact]
    public async Task Malformed_frames_are_recorded_unchanged_in_the_files_of_their_feed()
    {
        byte[][] sent =
        [
            "0|H0UPCNT0|x|0001"u8.ToArray(),
            "0|H0UPCNT0|001|0001^\n^2"u8.ToArray(),
            [.. "0|H0UPCNT0|001|"u8, 0xFF, 0xFE],
            "0|H0UPCNT0"u8.ToArray(),
            "0|H0XXXXX0|001|a^b"u8.ToArray(),
            "1|"u8.ToArray(),
        ];
        Write(notices: false, [.. sent.Select(Malformed)]).ShouldBe(0);
        var recorded = await Recorded.ReadAsync(_folder.Path);
        recorded.Frames.Select(f => f.Frame.Bytes.ToArray()).ShouldBe(sent);
        recorded.Frames.Select(f => f.File.TrId).ShouldBe(["H0UPCNT0", "H0UPCNT0", "H0UPCNT0", "H0UPCNT0", "UNKNOWN", "UNKNOWN"]);
        if (!OperatingSystem.IsWindows())
        {
            File.GetUnixFileMode(_folder.Files.Single(f => f.Contains("UNKNOWN", StringComparison.Ordinal)))
                .ShouldBe(UnixFileMode.UserRead | UnixFileMode.UserWrite);
        }
    }

    [Fact]
    public async Task Messages_that_may_contain_keys_are_reported_but_not_recorded()
    {
        const string Acknowledgement =
            """{"header":{"tr_id":"H0IFCNI0"},"body":{"output":{"iv":"0123456789abcdef","key":"SECRETSECRETSECRETSECRETSECRET12"}}""";
        Write(
            notices: true,
            Frame("H0UPCNT0", Ticks.Index(1)),
            Malformed(Encoding.UTF8.GetBytes(Acknowledgement)),
            Malformed("nonsense"u8.ToArray()))
            .ShouldBe(2);
        var recorded = await Recorded.ReadAsync(_folder.Path);
        recorded.Frames.Count().ShouldBe(1);
        recorded.Events.Count(e => e.Kind == CaptureEventKind.Malformed).ShouldBe(2);
        recorded.Events.ShouldAllBe(e => e.Text == null || !e.Text.Contains("SECRET", StringComparison.Ordinal));
    }

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public async Task A_malformed_order_notice_is_recorded_only_if_notices_are(bool notices)
    {
        Write(notices, Frame("H0UPCNT0", Ticks.Index(1)), Malformed("0|H0IFCNI0|x|KIM1234^12345678"u8.ToArray())).ShouldBe(notices ? 0 : 1);
        (await Recorded.ReadAsync(_folder.Path)).Frames.Count(f => f.File.TrId == "H0IFCNI0").ShouldBe(notices ? 1 : 0);
    }

    [Fact]
    public async Task A_frame_too_long_for_readers_is_a_gap()
    {
        byte[] longest = [.. "0|H0UPCNT0|001|"u8, .. new byte[CaptureWriter.MaxFrameLength]];
        Write(notices: false, Frame("H0UPCNT0", Ticks.Index(1), 1), Malformed(longest), Frame("H0UPCNT0", Ticks.Index(3), 3)).ShouldBe(1);
        var recorded = await Recorded.ReadAsync(_folder.Path);
        recorded.Frames.Count().ShouldBe(2);
        var gap = recorded.Events.Single(e => e.Kind == CaptureEventKind.Gap);
        (gap.TrId, gap.Reason, gap.Frames).ShouldBe(("H0UPCNT0", GapReason.NotRecorded, 1));
        gap.Text!.ShouldContain("2097167 bytes");
    }

    [Fact]
    public async Task A_gap_is_written_just_before_the_frame_that_ends_it_and_keeps_the_frame_time()
    {
        var gap = new Gap { Reason = GapReason.QueueOverflow, From = Ticks.At(1), To = Ticks.At(5_000), Frames = 7 };
        Write(
            notices: false,
            Frame("H0UPCNT0", Ticks.Index(1), 1),
            new FrameItem(gap.AddressedTo(IndexTrade.Feed.Schema, "0001")),
            Frame("H0UPCNT0", Ticks.Index(2), 5_000));
        var items = (await Recorded.ReadAsync(_folder.Path)).Items;
        items.Select(i => i.IsFrame ? "frame" : i.Event!.Name).ShouldBe(["capture", "frame", "gap", "frame"]);
        (items[3].At, items[2].At).ShouldBe((Ticks.At(5_000), Ticks.At(5_000).AddTicks(-1)));
        var read = items[2].Event!;
        (read.Key, read.From, read.To, read.Frames, read.Reason).ShouldBe(("0001", gap.From, gap.To, 7, GapReason.QueueOverflow));
    }

    [Fact]
    public async Task Events_before_the_first_file_are_written_to_the_first_file()
    {
        Write(
            notices: false,
            new FrameItem(new SessionConnected { At = Ticks.At(0), Session = "1" }),
            new FrameItem(new RegistrationConfirmed { At = Ticks.At(1), Session = "1" }.AddressedTo(IndexTrade.Feed.Schema, "0001")),
            new FrameItem(new SessionLost { At = Ticks.At(2), Session = "1", Problem = "lost" }),
            new FrameItem(
                new RegistrationRefused { At = Ticks.At(3), Code = new BrokerCode("OPSP8992"), BrokerText = "ERROR", Problem = "refused" }
                    .AddressedTo(IndexTrade.Feed.Schema, "0001")));
        var events = (await Recorded.ReadAsync(_folder.Path)).Events.ToList();
        events.Select(e => (e.Kind, e.Session, e.Code, e.Text)).ShouldBe(
        [
            (CaptureEventKind.Capture, null, null, null),
            (CaptureEventKind.Connected, "1", null, null),
            (CaptureEventKind.Registered, "1", null, null),
            (CaptureEventKind.Disconnected, "1", null, "lost"), (CaptureEventKind.Refused, null, "OPSP8992", "ERROR"),
        ]);
    }

    [Fact]
    public async Task An_eviction_is_an_interruption_with_its_own_reason()
    {
        Write(
            notices: false,
            new FrameItem(new Evicted { At = Ticks.At(1) }.AddressedTo(IndexTrade.Feed.Schema, "0001")),
            new FrameItem(new RegistrationConfirmed { At = Ticks.At(2), Session = "1" }.AddressedTo(IndexTrade.Feed.Schema, "0001")),
            new FrameItem(new Gap { Reason = GapReason.Evicted, To = Ticks.At(3) }.AddressedTo(IndexTrade.Feed.Schema, "0001")));
        (await Recorded.ReadAsync(_folder.Path)).Events.Select(e => (e.Kind, e.Key, e.Reason)).Skip(1).ShouldBe(
        [
            (CaptureEventKind.Interrupted, "0001", GapReason.Evicted),
            (CaptureEventKind.Registered, "0001", null),
            (CaptureEventKind.Gap, "0001", GapReason.Evicted),
        ]);
    }

    private static FrameItem Malformed(byte[] raw) => new(
        new MalformedFrame { Error = new FrameError(FrameErrorKind.InvalidCount, 1), Raw = raw, ReceivedAt = Ticks.At(10) });

    private static FrameItem Frame(string trId, byte[] frame, int at = 1) =>
        new(KisFeeds.Catalog.Feeds.Single(f => f.TrId == trId), new Frame(frame, Ticks.At(at)), default);

    // Returns the number of withheld messages.
    private long Write(bool notices, params FrameItem[] items)
    {
        using var writer = _folder.Write();
        var encoder = new CaptureEncoder(writer, KisFeeds.Catalog, notices);
        foreach (var item in items)
            encoder.Write(item);
        writer.Close();
        return encoder.Withheld;
    }
}
