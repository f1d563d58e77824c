using System.IO.Compression;
using KisFeed.Capture.Bars;
using KisFeed.Capture.Export;
using KisFeed.Capture.Following;
using KisFeed.Wire;

namespace KisFeed.Capture.Tests;

/// <summary>The trading day that a simulated or replayed source states is kept with its frames, wherever reading begins.</summary>
public sealed class StatedDayTests : IDisposable
{
    private static readonly DateOnly s_day = new(2026, 11, 16);

    private readonly CaptureFolder _folder = new();

    public void Dispose() => _folder.Dispose();

    [Fact]
    public async Task Every_frame_has_its_day_wherever_reading_begins()
    {
        for (var seed = TestRun.Seed; seed < TestRun.Seed + TestRun.Of(20); seed++)
        {
            using var folder = new CaptureFolder();
            var written = WriteRandom(folder, new Random(seed));
            var all = await DaysAsync(folder, CaptureReaderOptions.Default);
            all.ShouldBe(written, $"seed {seed}");
            foreach (var from in Enumerable.Range(0, 20).Select(i => i * written.Count / 20))
            {
                var options = new CaptureReaderOptions { From = CaptureTime.At(Ticks.At(from)), Seeks = true };
                (await DaysAsync(folder, options)).ShouldBe(written[from..], $"seed {seed} from {from}");
            }

            FollowedDays(folder).ShouldBe(written, $"seed {seed}");
        }
    }

    [Fact]
    public async Task Feeds_that_share_a_text_have_their_own_days()
    {
        var text = $"""
            # {Event("capture", "H0UPCNT0")}
            # {Event("day", "H0UPCNT0", "2026-11-16")}
            2026-11-20T00:00:01.0000000Z {Text(Ticks.Index(1))}
            2026-11-20T00:00:01.0000001Z {Text(Ticks.Bond(2))}
            # {Event("day", "H0BJCNT0", "2026-11-17")}
            2026-11-20T00:00:01.0000002Z {Text(Ticks.Bond(3))}
            2026-11-20T00:00:01.0000003Z {Text(Ticks.Index(4))}
            # {Event("day", "H0UPCNT0")}
            2026-11-20T00:00:01.0000004Z {Text(Ticks.Index(5))}
            2026-11-20T00:00:01.0000005Z {Text(Ticks.Bond(6))}
            # {Event("capture", "H0BJCNT0")}
            2026-11-20T00:00:01.0000006Z {Text(Ticks.Bond(7))}

            """;
        _folder.Put("all.log", Encoding.UTF8.GetBytes(text));

        var days = await DaysAsync(_folder, CaptureReaderOptions.Default);
        days.ShouldBe([s_day, null, s_day.AddDays(1), s_day, null, s_day.AddDays(1), null]);
    }

    [Theory]
    [InlineData("2026-11-20T22:00:00")]
    [InlineData("2026-11-21T02:00:00")]
    [InlineData("2026-11-21T06:00:00")]
    public async Task A_day_that_is_recorded_in_the_evening_has_its_date_in_bars_and_exports(string received)
    {
        var receivedAt = new DateTimeOffset(DateTime.Parse(received, CultureInfo.InvariantCulture), KoreaTime.Offset);
        using (var writer = _folder.Write())
        {
            var volume = 0;
            for (var time = new TimeOnly(9, 0); time < new TimeOnly(15, 30); time = time.AddMinutes(1))
                writer.Write("H0UPCNT0", Trade(time, ++volume), receivedAt.AddSeconds(volume), s_day);
            writer.Close();
        }

        var capture = CaptureReader.Open(_folder.Path);
        var bars = new CaptureBars(capture);
        var starts = new List<DateTimeOffset>();
        await foreach (var bar in bars.ReadAsync())
            starts.Add(bar.Start);
        bars.Counts.Late.ShouldBe(0);
        starts.ShouldBe(Enumerable.Range(0, 390).Select(minute => At(9, 0).AddMinutes(minute)));

        await foreach (var trade in capture.ReadAsync(IndexTrade.Feed))
            trade.Timestamp.ShouldBe(new DateTimeOffset(s_day.ToDateTime(trade.Time!.Value), KoreaTime.Offset));

        var text = await ExportAsync(capture, new RecordSpan { From = CaptureTime.At(At(10, 0)), To = CaptureTime.At(At(10, 3)) });
        var times = text.Split('\n').Skip(1).SkipLast(1).Select(row => row.Split(',')[1]);
        times.ShouldBe(["2026-11-16T10:00:00+09:00", "2026-11-16T10:01:00+09:00", "2026-11-16T10:02:00+09:00"]);
    }

    [Theory]
    [InlineData("2026-11-20T22:00:00", "2026-11-20")]
    [InlineData("2026-11-21T02:00:00", "2026-11-20")]
    [InlineData("2026-11-21T06:00:00", "2026-11-20")]
    public async Task A_day_whose_capture_states_none_is_the_trading_day_of_its_receipt(string received, string expected)
    {
        var receivedAt = new DateTimeOffset(DateTime.Parse(received, CultureInfo.InvariantCulture), KoreaTime.Offset);
        using (var writer = _folder.Write())
        {
            var volume = 0;
            for (var time = new TimeOnly(9, 0); time < new TimeOnly(15, 30); time = time.AddMinutes(1))
                writer.Write("H0UPCNT0", Trade(time, ++volume), receivedAt.AddMilliseconds(volume));
            writer.Close();
        }

        var bars = new CaptureBars(CaptureReader.Open(_folder.Path));
        var days = new List<string>();
        await foreach (var bar in bars.ReadAsync())
            days.Add(bar.Start.ToString("yyyy-MM-dd", CultureInfo.InvariantCulture));

        bars.Counts.Late.ShouldBe(0);
        (days.Count, days.Distinct(StringComparer.Ordinal).Single()).ShouldBe((390, expected));
    }

    // Lines of all lengths, and flushes anywhere, so that blocks begin anywhere. Two recorders one after the other.
    private static List<DateOnly?> WriteRandom(CaptureFolder folder, Random random)
    {
        var days = new List<DateOnly?>();
        DateOnly? day = null;
        foreach (var _ in (int[])[1, 2])
        {
            using var writer = folder.Write(
                options => options with { MaxFileBytes = 1 << 16, Compression = CompressionLevel.NoCompression });
            for (var i = 0; i < 400; i++)
            {
                if (random.Next(20) == 0)
                    day = random.Next(4) is > 0 and var next ? s_day.AddDays(next) : null;
                if (random.Next(15) == 0)
                    writer.Flush();
                if (random.Next(10) == 0)
                    writer.Write(Registered(Ticks.At(days.Count)));
                writer.Write("H0UPCNT0", RandomFrame(random, i), Ticks.At(days.Count), day);
                days.Add(day);
            }

            writer.Close();
        }

        return days;
    }

    // Some span several blocks, some cannot be a line.
    private static byte[] RandomFrame(Random random, int number) => random.Next(40) switch
    {
        0 => Encoding.UTF8.GetBytes($"0|H0UPCNT0|001|{new string('x', random.Next(150_000))}"),
        1 => [.. Ticks.Index(number), .. "\n^"u8],
        _ => Ticks.Index(number),
    };

    private static CaptureEvent Registered(DateTimeOffset at) =>
        new() { Kind = CaptureEventKind.Registered, At = at, TrId = "H0UPCNT0", Key = "0001" };

    private static async Task<List<DateOnly?>> DaysAsync(CaptureFolder folder, CaptureReaderOptions options)
    {
        var days = new List<DateOnly?>();
        await foreach (var frame in CaptureReader.Open(folder.Path, options).ReadFramesAsync())
            days.Add(frame.StatedDay);
        return days;
    }

    // Each read begins at a block.
    private static List<DateOnly?> FollowedDays(CaptureFolder folder)
    {
        using var follower = new CaptureFollower(new CaptureFollowerOptions { Directory = folder.Path });
        follower.Search();
        var days = new List<DateOnly?>();
        while (follower.Read(maxText: 1) is { } batch)
            days.AddRange(batch.Items.Where(item => item.Item.IsFrame).Select(item => item.Item.Frame.StatedDay));
        return days;
    }

    private static async Task<string> ExportAsync(CaptureReader capture, RecordSpan span)
    {
        using var output = new MemoryStream();
        var export = new CaptureExport(capture, new ExportOptions { Span = span });
        await export.WriteAsync(output);
        return Encoding.UTF8.GetString(output.ToArray());
    }

    private static byte[] Trade(TimeOnly time, int volume) =>
        Encoding.UTF8.GetBytes(Text(Ticks.Index(volume)).Replace("^091240^", $"^{time:HHmmss}^", StringComparison.Ordinal));

    private static DateTimeOffset At(int hour, int minute) => new(s_day.ToDateTime(new TimeOnly(hour, minute)), KoreaTime.Offset);

    private static string Text(byte[] frame) => Encoding.UTF8.GetString(frame);

    private static string Event(string name, string feed, string? day = null) =>
        $$"""{"at":"2026-11-20T00:00:01.0000000Z","event":"{{name}}","feed":"{{feed}}"{{(day is null ? "" : $",\"day\":\"{day}\"")}}}""";
}
