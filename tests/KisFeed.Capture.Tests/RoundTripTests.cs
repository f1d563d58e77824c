namespace KisFeed.Capture.Tests;

/// <summary>What is written is read back in the order of receipt.</summary>
public sealed class RoundTripTests : IDisposable
{
    private readonly CaptureFolder _folder = new();

    [Fact]
    public async Task Frames_of_several_feeds_are_read_in_the_order_they_were_written()
    {
        List<string> written = [];
        using (var writer = _folder.Write())
        {
            for (var i = 0; i < 3_000; i++)
            {
                var (trId, frame) = (i % 3) switch
                {
                    0 => ("H0UPCNT0", Ticks.Index(i)),
                    1 => ("H0BJCNT0", Ticks.Bond(i)),
                    _ => ("H0IFCNI0", Ticks.Notice(i)),
                };
                writer.Write(trId, frame, Ticks.At(i / 2)); // two frames share each time
                written.Add(Encoding.UTF8.GetString(frame));
                if (i % 700 == 0)
                    writer.Flush();
            }

            writer.Close();
        }

        var read = await ReadAsync();

        read.Select(frame => Encoding.UTF8.GetString(frame.Bytes.Span)).ShouldBe(written);
        read.Zip(read.Skip(1)).ShouldAllBe(pair => pair.First.ReceivedAt < pair.Second.ReceivedAt);
        _folder.Files.Select(Path.GetFileName).ShouldBe(["H0BJCNT0-090000.log.gz", "H0IFCNI0-090000.log.gz", "H0UPCNT0-090000.log.gz"]);
    }

    [Fact]
    public async Task Reused_buffers_hold_each_frame_until_the_next_is_read()
    {
        const int Frames = 100_000;
        using (var writer = _folder.Write())
        {
            for (var i = 0; i < Frames; i++)
            {
                writer.Write(i % 3 == 0 ? "H0BJCNT0" : "H0UPCNT0", i % 3 == 0 ? Ticks.Bond(i) : Ticks.Index(i), Ticks.At(i));
                if (writer.IsFull)
                    writer.Flush();
            }

            writer.Close();
        }

        List<int> hashes = [];
        await foreach (var frame in CaptureReader.Open(_folder.Path).ReadFramesAsync())
            hashes.Add(HashOf(frame));
        var reusing = CaptureReader.Open(_folder.Path, new CaptureReaderOptions { ReusesBuffers = true });
        var (read, different) = (0, 0);
        await foreach (var frame in reusing.ReadFramesAsync())
            different += hashes[read++] == HashOf(frame) ? 0 : 1;
        (read, different).ShouldBe((Frames, 0));

        static int HashOf(Frame frame)
        {
            var hash = default(HashCode);
            hash.AddBytes(frame.Bytes.Span);
            return hash.ToHashCode();
        }
    }

    [Fact]
    public async Task A_frame_that_is_not_a_valid_line_is_kept_unchanged()
    {
        byte[][] frames =
        [
            "0|H0UPCNT0|001|a\nb"u8.ToArray(),
            "0|H0UPCNT0|001|a\r\n"u8.ToArray(),
            [(byte)'0', (byte)'|', 0xff, 0xfe],
            new byte[200_000],
        ];
        Random.Shared.NextBytes(frames[3]);
        using (var writer = _folder.Write())
        {
            for (var i = 0; i < frames.Length; i++)
                writer.Write("H0UPCNT0", frames[i], Ticks.At(i));
            writer.Close();
        }

        (await ReadAsync()).Select(frame => frame.Bytes.ToArray()).ShouldBe(frames);
    }

    [Fact]
    public async Task Events_are_read_where_they_occurred()
    {
        using (var writer = _folder.Write())
        {
            writer.Write(new CaptureEvent { Kind = CaptureEventKind.Registered, At = Ticks.At(0), TrId = "H0UPCNT0", Key = "0001" });
            writer.Write("H0UPCNT0", Ticks.Index(1), Ticks.At(1));
            writer.Write(new CaptureEvent
            {
                Kind = CaptureEventKind.Gap,
                At = Ticks.At(9),
                TrId = "H0UPCNT0",
                Key = "0001",
                Reason = GapReason.QueueOverflow,
                Frames = 7,
                From = Ticks.At(1),
                To = Ticks.At(9),
            });
            writer.Write("H0UPCNT0", Ticks.Index(9), Ticks.At(9));
            writer.Write(new CaptureEvent { Kind = CaptureEventKind.Closed, At = Ticks.At(10), Text = "끝" });
            writer.Close();
        }

        List<CaptureItem> items = [];
        await foreach (var item in CaptureReader.Open(_folder.Path).ReadItemsAsync())
            items.Add(item);

        items.Select(item => item.Event?.Kind)
            .ShouldBe([CaptureEventKind.Capture, CaptureEventKind.Registered, null, CaptureEventKind.Gap, null, CaptureEventKind.Closed]);
        items[0].Event!.IsStart.ShouldBeTrue();
        var gap = items[3].Event!;
        (gap.TrId, gap.Key, gap.Reason, gap.Frames, gap.From, gap.To)
            .ShouldBe(("H0UPCNT0", "0001", GapReason.QueueOverflow, 7, Ticks.At(1), Ticks.At(9)));
        items[5].Event!.Text.ShouldBe("끝");
    }

    [Fact]
    public async Task A_file_ends_at_midnight_in_Korea_and_at_its_size_limit()
    {
        var midnight = Ticks.Opening.AddHours(15);
        using (var writer = _folder.Write(options => options with { MaxFileBytes = 65_536 }))
        {
            for (var i = 0; i < 20_000; i++)
            {
                // Digits that do not compress well.
                writer.Write("H0UPCNT0", Ticks.Index(i * 7_919), midnight.AddMilliseconds(i - 10_000));
                if (i % 100 == 0)
                    writer.Flush();
            }

            writer.Close();
        }

        var frames = 0;
        await foreach (var item in CaptureReader.Open(_folder.Path).ReadItemsAsync())
        {
            frames += item.IsFrame ? 1 : 0;
            Path.GetFileName(Path.GetDirectoryName(item.File.Path)).ShouldBe(item.At < midnight ? "2026-11-20" : "2026-11-21");
        }

        frames.ShouldBe(20_000);
        Directory.EnumerateDirectories(_folder.Path).Select(Path.GetFileName).Order(StringComparer.Ordinal)
            .ShouldBe(["2026-11-20", "2026-11-21"]);
        _folder.Files.Length.ShouldBeGreaterThan(2);
        _folder.Files.ShouldAllBe(path => new FileInfo(path).Length < 3 * 65_536);
    }

    [Theory]
    [InlineData(1_000)]
    [InlineData(20_000)]
    public async Task Each_file_starts_once_even_if_many_are_filled_within_a_second(int framesPerFlush)
    {
        int files;
        using (var writer = _folder.Write(options => options with { MaxFileBytes = 65_536 }))
        {
            for (var i = 0; i < 20_000; i++)
            {
                writer.Write("H0UPCNT0", Ticks.Index(i), Ticks.Opening.AddTicks(i * 10));
                if (i % framesPerFlush == framesPerFlush - 1)
                    writer.Flush();
            }

            writer.Close();
            files = (int)writer.Files;
        }

        List<CaptureItem> items = [];
        await foreach (var item in CaptureReader.Open(_folder.Path).ReadItemsAsync())
            items.Add(item);
        _folder.Files.Length.ShouldBe(files);
        files.ShouldBeGreaterThan(10, "so that names with two digits occur");
        items.Where(item => item.Event?.Kind == CaptureEventKind.Capture).Select(item => item.File.Path)
            .ShouldBe(_folder.Files, ignoreOrder: true);
        _folder.Files.ShouldAllBe(path => new FileInfo(path).Length <= 65_536);
        items.Where(item => item.IsFrame).Select(item => item.At)
            .ShouldBe(Enumerable.Range(0, 20_000).Select(i => Ticks.Opening.AddTicks(i * 10)));
    }

    [Fact]
    public async Task Records_are_read_as_in_a_live_subscription()
    {
        using (var writer = _folder.Write())
        {
            writer.Write("H0UPCNT0", Ticks.Index(1), Ticks.At(1));
            writer.Write(
                "H0UPCNT0", Encoding.UTF8.GetBytes($"0|H0UPCNT0|002|{Ticks.IndexRecord(2)}^{Ticks.IndexRecord(3, "1001")}"), Ticks.At(2));
            writer.Write(new CaptureEvent
            {
                Kind = CaptureEventKind.Gap,
                At = Ticks.At(9),
                TrId = "H0UPCNT0",
                Key = "0001",
                Reason = GapReason.Silence,
            });
            writer.Write("H0UPCNT0", Ticks.Index(9), Ticks.At(9));
            writer.Write("H0UPCNT0", "0|H0UPCNT0|001|0001^x"u8, Ticks.At(10));
            writer.Close();
        }

        var capture = CaptureReader.Open(_folder.Path);
        List<FeedItem<IndexTrade>> items = [];
        await foreach (var item in capture.ReadItemsAsync(IndexTrade.Feed, "0001"))
            items.Add(item);
        List<long?> volumes = [];
        await foreach (var trade in capture.ReadAsync(IndexTrade.Feed, "1001"))
            volumes.Add(trade.AccumulatedVolume);

        items.Where(item => item.IsRecord).Select(item => item.Record.AccumulatedVolume).ShouldBe([1, 2, 9]);
        var gap = items[2].Event.ShouldBeOfType<Gap>();
        (gap.Reason, gap.MissedVolume).ShouldBe((GapReason.Silence, 6));
        items[4].Event.ShouldBeOfType<MalformedFrame>();
        volumes.ShouldBe([3L]);
    }

    public void Dispose() => _folder.Dispose();

    private async Task<List<Frame>> ReadAsync()
    {
        List<Frame> frames = [];
        await foreach (var frame in CaptureReader.Open(_folder.Path).ReadFramesAsync())
            frames.Add(frame);
        return frames;
    }
}
