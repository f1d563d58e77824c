using System.IO.Compression;
using KisFeed.Capture.Inspection;

namespace KisFeed.Capture.Tests.Inspection;

/// <summary>The report of an inspection corresponds to what was written.</summary>
public sealed class InspectionTests : IDisposable
{
    private readonly CaptureFolder _folder = new();

    [Fact]
    public async Task Frames_and_records_are_counted_by_feed_and_key()
    {
        Write(writer =>
        {
            writer.Write("H0UPCNT0", Ticks.Index(1), Ticks.At(0));
            writer.Write("H0UPCNT0", Ticks.Index(2, "1001"), Ticks.At(999));
            writer.Write("H0BJCNT0", Ticks.Bond(1), Ticks.At(1000));
            writer.Write(
                "H0UPCNT0", Encoding.UTF8.GetBytes($"0|H0UPCNT0|002|{Ticks.IndexRecord(2)}^{Ticks.IndexRecord(3)}"), Ticks.At(4000));
        });

        var report = await InspectAsync();

        report.Feeds.Select(f => (f.TrId, f.Frames, f.Records, f.Malformed, f.FirstAt, f.LastAt)).ShouldBe(
        [
            ("H0BJCNT0", 1, 1, 0, Ticks.At(1000), Ticks.At(1000)),
            ("H0UPCNT0", 3, 4, 0, Ticks.At(0), Ticks.At(4000)),
        ]);
        report.Feeds[1].Keys.Select(k => (k.Key, k.Records, k.FirstAt, k.LastAt, k.Gaps)).ShouldBe(
        [
            ("0001", 3, Ticks.At(0), Ticks.At(4000), 0),
            ("1001", 1, Ticks.At(999), Ticks.At(999), 0),
        ]);
        report.Files.Select(f => (f.File.TrId, f.Frames, f.LastAt, f.Integrity, f.File.IsClosed)).ShouldBe(
        [
            ("H0UPCNT0", 3, Ticks.At(4000), FileIntegrity.Verified, true),
            ("H0BJCNT0", 1, Ticks.At(1000), FileIntegrity.Verified, true),
        ]);
        (report.IsSound, report.GapCount, report.ProblemCount).ShouldBe((true, 0, 0));
        report.Events.Select(e => (e.Key, e.Value)).ShouldBe([("capture", 2)]);
    }

    [Fact]
    public async Task An_event_in_several_files_is_counted_once()
    {
        Write(writer =>
        {
            writer.Write("H0UPCNT0", Ticks.Index(1), Ticks.At(0));
            writer.Write("H0BJCNT0", Ticks.Bond(1), Ticks.At(1));
            writer.Write(new CaptureEvent { Kind = CaptureEventKind.Disconnected, At = Ticks.At(2), Session = "a" });
            writer.Write(new CaptureEvent { Kind = CaptureEventKind.Disconnected, At = Ticks.At(2), Session = "b" });
            writer.Write(new CaptureEvent { Kind = CaptureEventKind.Connected, At = Ticks.At(3), Session = "a" });
            writer.Write(new CaptureEvent { Kind = CaptureEventKind.Connected, At = Ticks.At(4), Session = "a" });
        });

        (await InspectAsync()).Events.Select(e => (e.Key, e.Value)).ShouldBe([("capture", 2), ("connected", 2), ("disconnected", 2)]);
    }

    [Fact]
    public async Task Rates_are_calculated_per_clock_second()
    {
        Write(writer =>
        {
            foreach (var at in (int[])[0, 500, 999, 1000, 1001, 1002, 1999, 4000])
                writer.Write("H0UPCNT0", Ticks.Index(at + 1), Ticks.At(at));
        });

        var feed = (await InspectAsync()).Feeds.Single();

        (feed.BusiestFrames, feed.BusiestAt, feed.SecondsWithFrames, feed.MeanRate).ShouldBe((4, Ticks.At(1000), 3, 2));
    }

    [Fact]
    public async Task A_single_frame_has_no_rate()
    {
        Write(writer => writer.Write("H0UPCNT0", Ticks.Index(1), Ticks.At(0)));

        (await InspectAsync()).Feeds.Single().MeanRate.ShouldBe(0);
    }

    [Fact]
    public async Task Gaps_have_their_duration_and_missed_volume()
    {
        Write(writer =>
        {
            writer.Write("H0UPCNT0", Ticks.Index(10), Ticks.At(0));
            writer.Write(new CaptureEvent
            {
                Kind = CaptureEventKind.Gap,
                At = Ticks.At(2999),
                TrId = "H0UPCNT0",
                Key = "0001",
                Reason = GapReason.QueueOverflow,
                From = Ticks.At(0),
                Frames = 7,
            });
            writer.Write("H0UPCNT0", Ticks.Index(50), Ticks.At(3000));
            writer.Write(new CaptureEvent
            {
                Kind = CaptureEventKind.Interrupted,
                At = Ticks.At(4000),
                TrId = "H0UPCNT0",
                Key = "0001",
                Reason = GapReason.Silence,
            });
        });

        var report = await InspectAsync();

        var overflow = new Gap { Reason = GapReason.QueueOverflow, From = Ticks.At(0), To = Ticks.At(3000), Frames = 7, MissedVolume = 39 };
        report.Gaps.ShouldBe(
            [
                new GapReport("H0UPCNT0", "0001", overflow),
                new GapReport("H0UPCNT0", "0001", new Gap { Reason = GapReason.Silence, From = Ticks.At(3000) }),
            ]);
        report.Gaps.Select(g => g.Duration).ShouldBe([TimeSpan.FromSeconds(3), null]);
        report.Feeds.Single().Keys.Select(k => (k.Gaps, k.MissedVolume)).ShouldBe([(2, 39)]);
        (report.IsSound, report.GapCount).ShouldBe((true, 2));
    }

    [Fact]
    public async Task Missed_volume_is_measured_from_the_last_record_before_to_the_first_after()
    {
        Write(writer =>
        {
            writer.Write(
                "H0UPCNT0",
                Encoding.UTF8.GetBytes($"0|H0UPCNT0|003|{Ticks.IndexRecord(10)}^{Ticks.IndexRecord(11)}^{Ticks.IndexRecord(90, "1001")}"),
                Ticks.At(0));
            writer.Write(new CaptureEvent { Kind = CaptureEventKind.Interrupted, At = Ticks.At(1) });
            writer.Write(
                "H0UPCNT0",
                Encoding.UTF8.GetBytes($"0|H0UPCNT0|003|{Ticks.IndexRecord(95, "1001")}^{Ticks.IndexRecord(20)}^{Ticks.IndexRecord(21)}"),
                Ticks.At(2));
        });

        (await InspectAsync()).Gaps.Select(g => (g.Key, g.Gap.MissedVolume)).ShouldBe([("1001", 4), ("0001", 8)]);
    }

    [Fact]
    public async Task Missed_volume_across_midnight_is_unknown()
    {
        Write(writer =>
        {
            writer.Write("H0UPCNT0", Ticks.Index(10), Ticks.At(0));
            writer.Write(new CaptureEvent { Kind = CaptureEventKind.Interrupted, At = Ticks.At(1) });
            writer.Write("H0UPCNT0", Ticks.Index(500), Ticks.Opening.AddDays(1));
        });

        (await InspectAsync()).Gaps.Single().Gap.MissedVolume.ShouldBeNull();
    }

    [Fact]
    public async Task Malformed_frames_are_counted_at_their_feed()
    {
        Write(writer =>
        {
            writer.Write("H0UPCNT0", Ticks.Index(1), Ticks.At(0));
            writer.Write("H0UPCNT0", "0|H0UPCNT0|001|0001^x"u8, Ticks.At(1));
            writer.Write("H0UPCNT0", "garbage"u8, Ticks.At(2));
            writer.Write("H0XXXXX0", "0|H0XXXXX0|001|a^b"u8, Ticks.At(3));
        });

        var report = await InspectAsync();

        report.Feeds.Select(f => (f.TrId, f.IsUnknown, f.Frames, f.Records, f.Malformed))
            .ShouldBe([("H0UPCNT0", false, 3, 1, 2), ("H0XXXXX0", true, 1, 0, 1)]);
        (report.Malformed, report.IsSound, report.ProblemCount).ShouldBe((3, false, 0));
    }

    [Fact]
    public async Task Only_the_requested_keys_are_counted()
    {
        Write(writer =>
        {
            for (var i = 0; i < 10; i++)
                writer.Write("H0UPCNT0", Ticks.Index(i, i % 5 == 0 ? "1001" : "0001"), Ticks.At(i));
        });

        var report = await CaptureInspection.RunAsync(CaptureReader.Open(_folder.Path), ["1001"]);

        var feed = report.Feeds.Single();
        (feed.Frames, feed.Records, feed.FirstAt, feed.LastAt, feed.Keys.Single().Key).ShouldBe((2, 2, Ticks.At(0), Ticks.At(5), "1001"));
    }

    [Fact]
    public async Task Order_notices_are_recognized()
    {
        Write(writer => writer.Write("H0IFCNI0", Ticks.Notice(1), Ticks.At(0)));

        (await InspectAsync()).Feeds.Single().IsNotice.ShouldBeTrue();
    }

    [Fact]
    public async Task A_file_of_a_killed_recorder_is_torn()
    {
        WriteFlushed(10);
        var path = _folder.Files.Single();
        _folder.Put(path, CaptureFolder.Content(path)[..^40]);

        var report = await InspectAsync();

        var file = report.Files.Single();
        (file.Integrity, file.IsBeingWritten, file.Frames).ShouldBe((FileIntegrity.TornTail, false, 9));
        (report.IsSound, report.Problems.Single().Kind).ShouldBe((false, CaptureProblemKind.TornTail));
        report.Gaps.Single().Gap.Reason.ShouldBe(GapReason.Unreadable);
    }

    [Fact]
    public async Task A_damaged_block_is_reported_and_the_rest_of_the_file_counts()
    {
        WriteFlushed(10);
        var path = _folder.Files.Single();
        var content = CaptureFolder.Content(path);
        content[content.Length / 2] ^= 0x10;
        _folder.Put(path, content);

        var report = await InspectAsync();

        (report.Files.Single().Integrity, report.Files.Single().Frames, report.Problems.Single().Kind)
            .ShouldBe((FileIntegrity.Damaged, 9, CaptureProblemKind.Corrupt));
        report.Feeds.Single().Keys.Single().Gaps.ShouldBe(1);
    }

    [Fact]
    public async Task A_replaced_file_is_detected_by_its_checksum()
    {
        WriteFlushed(10);
        var path = _folder.Files.Single();
        using var other = new CaptureFolder();
        using (var writer = other.Write())
        {
            writer.Write("H0UPCNT0", Ticks.Index(77), Ticks.At(0));
            writer.Close();
        }

        _folder.Put(path, CaptureFolder.Content(other.Files.Single()));

        var report = await InspectAsync();

        report.Files.Single().Integrity.ShouldBe(FileIntegrity.Changed);
        report.Problems.Single().Message.ShouldContain("its checksum differs, and it has");
    }

    [Fact]
    public async Task A_file_listed_in_the_manifest_but_missing_is_reported()
    {
        Write(writer =>
        {
            writer.Write("H0UPCNT0", Ticks.Index(1), Ticks.At(0));
            writer.Write("H0BJCNT0", Ticks.Bond(1), Ticks.At(1));
        });
        var missing = _folder.Files.Single(path => path.Contains("H0BJCNT0", StringComparison.Ordinal));
        File.Delete(missing);

        (await InspectAsync()).Problems.Select(p => p.Message).ShouldBe([$"{missing} is missing: manifest.json in its folder lists it"]);

        // Not reported for a feed that was not requested, or if a file was named explicitly.
        (await CaptureInspection.RunAsync(CaptureReader.Open(_folder.Path, new CaptureReaderOptions { TrIds = ["H0UPCNT0"] }))).IsSound
            .ShouldBeTrue();
        (await CaptureInspection.RunAsync(CaptureReader.Open(_folder.Files.Single()))).IsSound.ShouldBeTrue();
    }

    [Fact]
    public async Task Times_in_a_manifest_have_seven_decimals()
    {
        using (var writer = _folder.Write())
        {
            writer.Write("H0UPCNT0", Ticks.Index(1), Ticks.At(1));
            writer.Close();
        }

        (await File.ReadAllTextAsync(ManifestPath)).ShouldMatch("\"first\": \"[0-9-]{10}T[0-9:]{8}\\.[0-9]{7}\\+00:00\"");
    }

    [Fact]
    public async Task Blocks_are_verified_without_a_manifest()
    {
        WriteFlushed(3);
        File.Delete(ManifestPath);

        var report = await InspectAsync();

        (report.Files.Single().Integrity, report.IsSound).ShouldBe((FileIntegrity.Sound, true));
    }

    [Theory]
    [InlineData("")]
    [InlineData("null")]
    [InlineData("[]")]
    [InlineData("{\"day\":\"2026-11-20\",\"files\":null}")]
    [InlineData("{\"day\":\"2026-11-20\",\"files\":[{\"file\":null,\"feed\":\"x\"}]}")]
    [InlineData("{\"day\":\"someday\"}")]
    [InlineData("\u0000\u0001")]
    public async Task An_invalid_manifest_is_reported_and_affects_nothing_else(string manifest)
    {
        WriteFlushed(3);
        await File.WriteAllTextAsync(ManifestPath, manifest);

        var report = await InspectAsync();

        (report.Files.Single().Integrity, report.Feeds.Single().Records).ShouldBe((FileIntegrity.Sound, 3));
        report.Problems.Single().Message.ShouldStartWith($"{ManifestPath} cannot be read");
        using var writer = _folder.Write();
        writer.Write("H0UPCNT0", Ticks.Index(9), Ticks.At(9));
        writer.Close();
        (await InspectAsync()).IsSound.ShouldBeTrue();
    }

    [Theory]
    [InlineData("[null]")]
    [InlineData("[{\"file\":\"../../../etc/passwd\",\"feed\":\"x\",\"sha256\":\"00\"}]")]
    [InlineData("[{\"file\":\"/etc/none.log.gz\",\"feed\":\"x\",\"sha256\":\"00\"}]")]
    [InlineData("[{\"file\":\"\",\"feed\":\"\"}]")]
    public async Task Manifest_entries_outside_the_folder_or_without_a_file_are_ignored(string files)
    {
        WriteFlushed(3);
        await File.WriteAllTextAsync(ManifestPath, $$"""{"day":"2026-11-20","files":{{files}}}""");

        var report = await InspectAsync();

        (report.Files.Single().Integrity, report.IsSound).ShouldBe((FileIntegrity.Sound, true));
    }

    [Fact]
    public async Task A_huge_manifest_is_not_loaded()
    {
        WriteFlushed(3);
        using (var huge = File.OpenWrite(ManifestPath))
            huge.SetLength(1L << 32);

        (await InspectAsync()).Problems.Single().Message.ShouldEndWith("it is too large");
    }

    [Fact]
    public async Task A_file_being_written_is_not_damaged()
    {
        using var writer = _folder.Write();
        writer.Write("H0UPCNT0", Ticks.Index(1), Ticks.At(1));
        writer.Flush();
        var path = _folder.Files.Single();
        await using (var half = new FileStream(path, FileMode.Append, FileAccess.Write, FileShare.ReadWrite))
            await half.WriteAsync(CaptureFolder.Content(path).AsMemory(0, 60));

        var report = await InspectAsync();

        var file = report.Files.Single();
        (file.Integrity, file.IsBeingWritten, file.Frames, report.IsSound, report.GapCount)
            .ShouldBe((FileIntegrity.Sound, true, 1, true, 0));
    }

    [Fact]
    public async Task A_file_continued_after_the_manifest_was_written_is_not_changed()
    {
        WriteFlushed(3);
        var manifest = CaptureFolder.Content(ManifestPath);
        WriteFlushed(3);
        _folder.Put(ManifestPath, manifest);

        var report = await InspectAsync();

        (report.Files.Single().Integrity, report.IsSound).ShouldBe((FileIntegrity.Sound, true));
    }

    [Fact]
    public async Task Text_and_gzip_files_of_other_programs_are_unchecked()
    {
        var line = $"2026-11-20T00:00:00.0000000Z {Encoding.UTF8.GetString(Ticks.Index(1))}\n";
        _folder.Put("a.log", Encoding.UTF8.GetBytes($"{line}not a line\n"));
        using var packed = new MemoryStream();
        await using (var gzip = new GZipStream(packed, CompressionLevel.Fastest))
            await gzip.WriteAsync(Encoding.UTF8.GetBytes(line));
        _folder.Put("b.log.gz", packed.ToArray());

        var report = await InspectAsync();

        report.Files.Select(f => (f.File.Format, f.Integrity, f.Frames))
            .ShouldBe([(CaptureFileFormat.Text, FileIntegrity.Unchecked, 1), (CaptureFileFormat.Gzip, FileIntegrity.Unchecked, 1)]);
        report.Problems.Select(p => (p.Kind, p.Line)).ShouldBe([(CaptureProblemKind.MalformedLine, 2)]);
    }

    [Fact]
    public async Task Progress_increases_up_to_the_total()
    {
        WriteFlushed(200);
        var reader = CaptureReader.Open(_folder.Path);
        var progress = new ProgressRecorder();

        await CaptureInspection.RunAsync(reader, progress: progress);

        progress.Values.ShouldBeInOrder();
        progress.Values[^1].ShouldBe(reader.Files.Sum(f => f.Length));
    }

    public void Dispose() => _folder.Dispose();

    private string ManifestPath => Directory.EnumerateFiles(_folder.Path, "manifest.json", SearchOption.AllDirectories).Single();

    private Task<CaptureReport> InspectAsync() => CaptureInspection.RunAsync(CaptureReader.Open(_folder.Path));

    private void WriteFlushed(int count) => Write(writer =>
    {
        for (var i = 0; i < count; i++)
        {
            writer.Write("H0UPCNT0", Ticks.Index(i), Ticks.At(i));
            writer.Flush();
        }
    });

    private void Write(Action<CaptureWriter> write)
    {
        using var writer = _folder.Write();
        write(writer);
        writer.Close();
    }

    private sealed class ProgressRecorder : IProgress<long>
    {
        public List<long> Values { get; } = [];

        public void Report(long value) => Values.Add(value);
    }
}
