using System.Text.Json;
using KisFeed.Capture.Export;
using KisFeed.Output;
using KisFeed.Wire;

namespace KisFeed.Capture.Tests.Export;

/// <summary>Captures as CSV and JSON.</summary>
public sealed class ExportTests : IDisposable
{
    private readonly CaptureFolder _folder = new();

    [Fact]
    public async Task A_row_has_both_times_feed_key_and_record_number()
    {
        Write(writer =>
        {
            writer.Write(
                "H0UPCNT0",
                Encoding.UTF8.GetBytes($"0|H0UPCNT0|002|{Ticks.IndexRecord(1)}^{Ticks.IndexRecord(2, "1001")}"),
                Ticks.At(1).AddTicks(7));
        });

        var rows = Rows(await ExportAsync(new ExportOptions { Names = NameStyle.Kis }));

        rows[0].ShouldStartWith("received_at,exchange_time,feed,key,frame,record,bstp_cls_code,bsop_hour,prpr_nmix,");
        rows[0].ShouldEndWith(",tick_vrss,extra");
        rows[1].ShouldStartWith("2026-11-20T00:00:00.0010007Z,2026-11-20T09:12:40+09:00,H0UPCNT0,0001,1,1,0001,091240,2624.54,2,32.68,1,");
        rows[2].ShouldStartWith("2026-11-20T00:00:00.0010007Z,2026-11-20T09:12:40+09:00,H0UPCNT0,1001,1,2,1001,");
        rows.Count.ShouldBe(3);
    }

    [Theory]
    [InlineData("2026-11-20T15:00:05", "235959", "2026-11-20T23:59:59+09:00")]
    [InlineData("2026-11-20T14:59:59", "000001", "2026-11-21T00:00:01+09:00")]
    [InlineData("2026-11-20T00:00:00", "", "")]
    public async Task The_exchange_time_is_on_the_date_closest_to_the_receive_time(string receivedAt, string time, string expected)
    {
        var at = DateTimeOffset.Parse($"{receivedAt}Z", System.Globalization.CultureInfo.InvariantCulture);
        Write(writer => writer.Write("H0STPGM0", Encoding.UTF8.GetBytes($"0|H0STPGM0|001|005930^{time}^1^2^3^4^5^6^7^8^9"), at));

        Rows(await ExportAsync(new ExportOptions()))[1].Split(',')[1].ShouldBe(expected);
    }

    [Fact]
    public async Task Keys_are_filtered_and_record_numbers_stay_unchanged()
    {
        Write(writer => writer.Write(
            "H0UPCNT0",
            Encoding.UTF8.GetBytes($"0|H0UPCNT0|003|{Ticks.IndexRecord(1)}^{Ticks.IndexRecord(2, "1001")}^{Ticks.IndexRecord(3)}"),
            Ticks.At(1)));

        Rows(await ExportAsync(new ExportOptions { Keys = ["1001"] }))[1..].Select(r => string.Join(',', r.Split(',')[3..6]))
            .ShouldBe(["1001,1,2"]);
        Rows(await ExportAsync(new ExportOptions { Keys = ["0001"] }))[1..].Select(r => string.Join(',', r.Split(',')[3..6]))
            .ShouldBe(["0001,1,1", "0001,1,3"]);
    }

    [Fact]
    public async Task JSON_has_gaps_interruptions_and_errors_in_sequence_with_the_records()
    {
        Write(writer =>
        {
            writer.Write("H0UPCNT0", Ticks.Index(10), Ticks.At(1));
            writer.Write(new CaptureEvent
            {
                Kind = CaptureEventKind.Interrupted,
                At = Ticks.At(2),
                TrId = "H0UPCNT0",
                Key = "0001",
                Reason = GapReason.ConnectionLost,
            });
            writer.Write(new CaptureEvent
            {
                Kind = CaptureEventKind.Gap,
                At = Ticks.At(4),
                TrId = "H0UPCNT0",
                Key = "0001",
                Reason = GapReason.ConnectionLost,
                From = Ticks.At(1),
                To = Ticks.At(5),
            });
            writer.Write("H0UPCNT0", Ticks.Index(15), Ticks.At(5));
            writer.Write("H0UPCNT0", "0|H0UPCNT0|001|0001^xx"u8, Ticks.At(6));
            writer.Write("H0UPCNT0", "garbage"u8, Ticks.At(7));
        });
        var export = new CaptureExport(
            CaptureReader.Open(_folder.Path, new CaptureReaderOptions { TrIds = ["H0UPCNT0"] }),
            new ExportOptions { Format = ExportFormat.JsonLines });

        var lines = Lines(await RunAsync(export));

        lines.Select(l => l.EnumerateObject().First().Name).ShouldBe(["receivedAt", "interruption", "gap", "receivedAt", "error", "error"]);
        lines[0].EnumerateObject().Take(7).Select(m => m.ToString()).ShouldBe(
            [
                "\"receivedAt\":\"2026-11-20T00:00:00.0010000Z\"", "\"exchangeTime\":\"2026-11-20T09:12:40+09:00\"",
                "\"feed\":\"H0UPCNT0\"", "\"key\":\"0001\"", "\"frame\":1", "\"record\":1", "\"code\":\"0001\"",
            ]);
        lines[2].GetRawText().ShouldBe("""{"gap":{"feed":"H0UPCNT0","key":"0001","from":"2026-11-20T00:00:"""
            + """00.0010000Z","to":"2026-11-20T00:00:00.0050000Z","reason":"connectionLost","frames":null,"missedVolume":4}}""");
        lines[4].GetProperty("kind").GetString().ShouldBe("tooFewFields");
        lines[4].GetProperty("feed").GetString().ShouldBe("H0UPCNT0");
        lines[5].GetProperty("raw").GetString().ShouldBe("garbage");
        lines[5].GetProperty("feed").GetString().ShouldBe("H0UPCNT0");
        (export.Counts.Records, export.Counts.Gaps, export.Counts.Malformed, export.Counts.Frames).ShouldBe((2, 1, 2, 4));
    }

    [Fact]
    public async Task Gaps_are_written_to_a_separate_CSV()
    {
        Write(writer =>
        {
            writer.Write("H0UPCNT0", Ticks.Index(10), Ticks.At(1));
            writer.Write(new CaptureEvent
            {
                Kind = CaptureEventKind.Gap,
                At = Ticks.At(4),
                TrId = "H0UPCNT0",
                Key = "0001",
                Reason = GapReason.QueueOverflow,
                From = Ticks.At(1),
                To = Ticks.At(5),
                Frames = 3,
            });
            writer.Write("H0UPCNT0", Ticks.Index(14), Ticks.At(5));
        });
        using var gaps = new MemoryStream();

        await ExportAsync(new ExportOptions { Gaps = gaps });

        Rows(Encoding.UTF8.GetString(gaps.ToArray())).ShouldBe(
            [
                "feed,key,from,to,reason,frames,missedVolume",
                "H0UPCNT0,0001,2026-11-20T00:00:00.0010000Z,2026-11-20T00:00:00.0050000Z,queueOverflow,3,3",
            ]);
    }

    [Fact]
    public async Task CSV_of_several_feeds_is_rejected_and_lists_them()
    {
        Write(writer =>
        {
            writer.Write("H0UPCNT0", Ticks.Index(10), Ticks.At(1));
            writer.Write("H0BJCNT0", Ticks.Bond(10), Ticks.At(2));
        });

        (await Should.ThrowAsync<CaptureException>(() => ExportAsync(new ExportOptions()))).Message.ShouldContain("H0BJCNT0, H0UPCNT0");
    }

    [Fact]
    public async Task A_file_without_a_header_is_rejected_at_its_second_feed()
    {
        _folder.Put("foreign.log", Encoding.UTF8.GetBytes($"2026-11-20T00:00:00.0000001Z {Encoding.UTF8.GetString(Ticks.Index(1))}\n"
            + $"2026-11-20T00:00:00.0000002Z {Encoding.UTF8.GetString(Ticks.Bond(1))}\n"));

        (await Should.ThrowAsync<CaptureException>(() => ExportAsync(new ExportOptions()))).Message.ShouldContain("H0BJCNT0, H0UPCNT0");
    }

    [Fact]
    public async Task Each_feed_is_written_to_its_own_stream()
    {
        Write(writer =>
        {
            for (var i = 0; i < 1000; i++)
            {
                writer.Write("H0UPCNT0", Ticks.Index(i), Ticks.At(2 * i));
                writer.Write("H0BJCNT0", Ticks.Bond(i), Ticks.At((2 * i) + 1));
            }
        });
        var streams = new Dictionary<string, MemoryStream>(StringComparer.Ordinal);

        await new CaptureExport(CaptureReader.Open(_folder.Path)).WriteEachAsync(trId => streams[trId] = new MemoryStream());

        streams.Keys.Order(StringComparer.Ordinal).ShouldBe(["H0BJCNT0", "H0UPCNT0"]);
        foreach (var (trId, stream) in streams)
            Rows(Encoding.UTF8.GetString(stream.ToArray())).Skip(1).Count(r => r.Split(',')[2] == trId).ShouldBe(1000);
    }

    [Fact]
    public async Task A_frame_with_invalid_UTF8_is_rejected_whole_as_in_a_live_stream()
    {
        var frame = Encoding.UTF8.GetBytes($"0|H0UPCNT0|003|{Ticks.IndexRecord(1)}^{Ticks.IndexRecord(2)}^{Ticks.IndexRecord(3)}");
        var position = frame.AsSpan().LastIndexOf("2624.54"u8) + 2;
        frame[position] = 0xff;
        Write(writer =>
        {
            writer.Write("H0UPCNT0", frame, Ticks.At(1));
            writer.Write("H0UPCNT0", Ticks.Index(4), Ticks.At(2));
        });
        List<FeedItem<IndexTrade>> items = [];
        await foreach (var item in CaptureReader.Open(_folder.Path).ReadItemsAsync(IndexTrade.Feed))
            items.Add(item);
        var live = items[0].Event.ShouldBeOfType<MalformedFrame>().Error;
        var export = new CaptureExport(CaptureReader.Open(_folder.Path), new ExportOptions { Format = ExportFormat.JsonLines });
        var lines = Lines(await RunAsync(export));

        items.Count.ShouldBe(2);
        (live.Kind, live.Position).ShouldBe((FrameErrorKind.InvalidUtf8, position));
        (export.Counts.Records, export.Counts.Malformed).ShouldBe((1, 1));
        lines.Count.ShouldBe(2);
        lines[0].GetProperty("kind").GetString().ShouldBe("invalidUtf8");
        lines[0].GetProperty("position").GetInt32().ShouldBe(position);
    }

    [Fact]
    public async Task A_capture_without_records_still_has_a_header()
    {
        Write(writer => writer.Write(
            new CaptureEvent { Kind = CaptureEventKind.Registered, At = Ticks.At(1), TrId = "H0UPCNT0", Key = "0001" }));

        Rows(await ExportAsync(new ExportOptions())).ShouldHaveSingleItem().ShouldStartWith("receivedAt,");
    }

    [Fact]
    public void Each_format_has_its_own_file_extension() =>
        Enum.GetValues<ExportFormat>().Select(format => ExportFormatInfo.Of(format).FileExtension).ShouldBe(["csv", "jsonl"]);

    [Fact]
    public void A_value_that_is_not_a_format_is_rejected()
    {
        Write(writer => writer.Write("H0UPCNT0", Ticks.Index(1), Ticks.At(1)));
        var reader = CaptureReader.Open(_folder.Path);

        Should.Throw<ArgumentOutOfRangeException>(() => new CaptureExport(reader, new ExportOptions { Format = (ExportFormat)99 })).Message
            .ShouldContain("not an export format");
    }

    [Fact]
    public async Task Problems_of_the_files_are_counted_and_described()
    {
        Write(writer => writer.Write("H0UPCNT0", Ticks.Index(1), Ticks.At(1)));
        var file = _folder.Files[0];
        await using (var torn = new FileStream(file, FileMode.Append))
            torn.Write("\x1f\x8bxxxx"u8);
        var export = new CaptureExport(CaptureReader.Open(file), new ExportOptions { Format = ExportFormat.JsonLines });

        var lines = Lines(await RunAsync(export));

        export.Counts.Problems.ShouldBe(1);
        export.Counts.FirstProblems.ShouldHaveSingleItem().ShouldContain("ends in the middle of a block");
        lines[^1].TryGetProperty("gap", out _).ShouldBeTrue();
        var problem = lines.Single(l => l.TryGetProperty("problem", out _));
        problem.GetProperty("kind").GetString().ShouldBe("tornTail");
        problem.GetProperty("file").GetString().ShouldBe(file);
    }

    public void Dispose() => _folder.Dispose();

    private void Write(Action<CaptureWriter> write)
    {
        using var writer = _folder.Write();
        write(writer);
        writer.Close();
    }

    private Task<string> ExportAsync(ExportOptions options) => RunAsync(new CaptureExport(CaptureReader.Open(_folder.Path), options));

    private static async Task<string> RunAsync(CaptureExport export)
    {
        using var output = new MemoryStream();
        await export.WriteAsync(output);
        return Encoding.UTF8.GetString(output.ToArray());
    }

    private static List<string> Rows(string csv)
    {
        csv.ShouldEndWith("\r\n");
        return [.. csv[..^2].Split("\r\n")];
    }

    private static List<JsonElement> Lines(string json) =>
        [.. json.TrimEnd('\n').Split('\n').Select(l => JsonSerializer.Deserialize<JsonElement>(l))];
}
