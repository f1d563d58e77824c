using System.Text.Json;

namespace KisFeed.Capture.Tests;

/// <summary>Files of a killed recorder are cut after the last whole block and continued.</summary>
public sealed class RecoveryTests : IDisposable
{
    private readonly CaptureFolder _folder = new();

    [Fact]
    public async Task A_file_torn_at_any_position_keeps_its_flushed_frames_and_is_continued()
    {
        var original = WriteInFlushes(count: 60, each: 5, close: false);
        var continued = new List<int>();
        for (var cut = 0; cut <= original.Content.Length; cut++)
        {
            if (!TestRun.IsFull && cut % 10 != 0 && cut % 97 != 0 && !original.Flushes.Exists(end => Math.Abs(end - cut) <= 1))
                continue;
            _folder.Put(original.Path, original.Content[..cut]);
            var flushed = original.Flushes.Count(end => end <= cut) * 5;

            (await ReadAsync()).ShouldBe(Enumerable.Range(0, flushed), $"cut to {cut} bytes");
            if (cut % 97 != 0)
                continue;
            using (var writer = _folder.Write())
            {
                writer.Recovered.Select(r => r.CutBytes).ShouldBe([cut - original.Flushes.Where(end => end <= cut).Append(0).Max()]);
                writer.Write("H0UPCNT0", Ticks.Index(1000), Ticks.At(1000));
                writer.Close();
            }

            (await ReadAsync()).ShouldBe([.. Enumerable.Range(0, flushed), 1000], $"cut to {cut} bytes and continued");
            File.Delete(_folder.Files.Single());
            continued.Add(cut);
        }

        continued.Count.ShouldBeGreaterThan(10);
    }

    [Fact]
    public async Task A_closed_file_is_continued_until_it_is_full()
    {
        for (var run = 0; run < 5; run++)
        {
            using var writer = _folder.Write();
            writer.Write("H0UPCNT0", Ticks.Index(run), Ticks.At(run));
            writer.Close();
        }

        (await ReadAsync()).ShouldBe([0, 1, 2, 3, 4]);
        _folder.Files.Length.ShouldBe(1);
    }

    [Fact]
    public async Task A_line_longer_than_a_block_is_cut_completely()
    {
        var content = WriteLong();
        for (var cut = content.Content.Length - 1; cut > content.Flushes[0]; cut -= 1_000)
        {
            _folder.Put(content.Path, content.Content[..cut]);
            using (var writer = _folder.Write())
                writer.Recovered.Single().CutBytes.ShouldBe(cut - content.Flushes[0]);
            (await ReadAsync()).ShouldBe([0]);
        }
    }

    [Fact]
    public async Task A_file_damaged_in_the_middle_is_kept_and_recording_continues_in_another()
    {
        var original = WriteInFlushes(count: 60, each: 5, close: true);
        original.Content[(original.Flushes[3] + original.Flushes[4]) / 2] ^= 0x10;
        _folder.Put(original.Path, original.Content);
        File.Delete(Path.Combine(Path.GetDirectoryName(original.Path)!, "manifest.json"));

        using (var writer = _folder.Write())
        {
            writer.Recovered.Single().IsDamaged.ShouldBeTrue();
            writer.Write("H0UPCNT0", Ticks.Index(1000), Ticks.At(1000));
            writer.Close();
        }

        CaptureFolder.Content(original.Path).ShouldBe(original.Content);
        _folder.Files.Length.ShouldBe(2);
        (await ReadAsync()).ShouldBe([.. Enumerable.Range(0, 20), .. Enumerable.Range(25, 35), 1000]);
    }

    [Fact]
    public void Two_recorders_do_not_share_a_folder()
    {
        using (_folder.Write())
            Should.Throw<CaptureException>(() => _folder.Write()).Message.ShouldContain("another recorder");

        using var next = _folder.Write();
    }

    [Fact]
    public void The_manifest_describes_the_files()
    {
        using (var writer = _folder.Write())
        {
            writer.Write(new CaptureEvent { Kind = CaptureEventKind.Registered, At = Ticks.At(0), TrId = "H0UPCNT0", Key = "0001" });
            writer.Write(new CaptureEvent { Kind = CaptureEventKind.Registered, At = Ticks.At(0), TrId = "H0IFCNI0", Key = "KIM1234" });
            writer.Write("H0UPCNT0", Ticks.Index(1), Ticks.At(1));
            writer.Write("H0IFCNI0", Ticks.Notice(1), Ticks.At(2));
            writer.Flush();
            Manifest("H0UPCNT0").TryGetProperty("sha256", out _).ShouldBeFalse();
            writer.Close();
        }

        var index = Manifest("H0UPCNT0");
        var content = CaptureFolder.Content(_folder.Files.Single(path => path.Contains("H0UPCNT0", StringComparison.Ordinal)));
        index.GetProperty("keys").EnumerateArray().Select(key => key.GetString()).ShouldBe(["0001"]);
        index.GetProperty("frames").GetInt64().ShouldBe(1);
        index.GetProperty("bytes").GetInt64().ShouldBe(content.Length);
        index.GetProperty("sha256").GetString().ShouldBe(Convert.ToHexStringLower(System.Security.Cryptography.SHA256.HashData(content)));
        index.GetProperty("last").GetDateTimeOffset().ShouldBe(Ticks.At(1));
        File.ReadAllText(ManifestPath).ShouldNotContain("KIM1234");
    }

    [Fact]
    public void The_manifest_of_a_killed_recorder_is_completed()
    {
        using (var writer = _folder.Write())
        {
            writer.Write("H0UPCNT0", Ticks.Index(1), Ticks.At(1));
            writer.Flush();
        }

        using (_folder.Write())
        {
            // Only recovers.
        }

        Manifest("H0UPCNT0").GetProperty("frames").GetInt64().ShouldBe(1);
        var content = CaptureFolder.Content(_folder.Files.Single());
        Manifest("H0UPCNT0").GetProperty("sha256").GetString()
            .ShouldBe(Convert.ToHexStringLower(System.Security.Cryptography.SHA256.HashData(content)));
        using var again = _folder.Write();
        again.Recovered.ShouldBeEmpty();
    }

    [Fact]
    public void Files_of_order_notices_are_readable_only_by_their_owner()
    {
        if (OperatingSystem.IsWindows())
            return;
        using (var writer = _folder.Write())
        {
            writer.Write("H0IFCNI0", Ticks.Notice(1), Ticks.At(1));
            writer.Write("H0IFCNI9", Ticks.Notice(1), Ticks.At(2));
            writer.Write("H0UPCNT0", Ticks.Index(1), Ticks.At(3));
            writer.Close();
        }

        foreach (var path in _folder.Files)
        {
            var others = File.GetUnixFileMode(path) & (UnixFileMode.GroupRead | UnixFileMode.OtherRead);
            (others == UnixFileMode.None).ShouldBe(path.Contains("H0IFCNI", StringComparison.Ordinal), path);
        }
    }

    [Fact]
    public async Task A_removed_folder_is_created_again()
    {
        using (var writer = _folder.Write())
        {
            writer.Write("H0UPCNT0", Ticks.Index(1), Ticks.At(1));
            writer.Flush();
            Directory.Delete(Path.Combine(_folder.Path, "2026-11-20"), recursive: true);
            writer.Write("H0UPCNT0", Ticks.Index(2), Ticks.At(2));
            writer.Flush();
            writer.LostFiles.ShouldBe(1);
            writer.Close();
        }

        (await ReadAsync()).ShouldBe([2]);
        Manifest("H0UPCNT0").GetProperty("frames").GetInt64().ShouldBe(1);
    }

    [Fact]
    public void The_manifest_of_a_file_that_replaces_a_removed_one_lists_its_keys()
    {
        using (var writer = _folder.Write())
        {
            writer.Write(new CaptureEvent { Kind = CaptureEventKind.Registered, At = Ticks.At(0), TrId = "H0UPCNT0", Key = "0001" });
            writer.Write("H0UPCNT0", Ticks.Index(1), Ticks.At(1));
            writer.Flush();
            File.Delete(_folder.Files.Single());
            writer.Write("H0UPCNT0", Ticks.Index(2), Ticks.At(2));
            writer.Close();
        }

        Manifest("H0UPCNT0").GetProperty("keys").EnumerateArray().Select(key => key.GetString()).ShouldBe(["0001"]);
    }

    [Fact]
    public async Task A_recorder_whose_folder_was_removed_locks_the_new_folder()
    {
        using var writer = _folder.Write();
        writer.Write("H0UPCNT0", Ticks.Index(1), Ticks.At(1));
        writer.Flush();
        Directory.Delete(_folder.Path, recursive: true);
        writer.Write("H0UPCNT0", Ticks.Index(2), Ticks.At(2));
        writer.Flush();

        Should.Throw<CaptureException>(() => _folder.Write()).Message.ShouldContain("another recorder writes to");
        writer.Close();
        (await ReadAsync()).ShouldBe([2]);
    }

    [Fact]
    public async Task A_recorder_that_lost_its_folder_to_another_waits_until_that_one_has_stopped()
    {
        using var first = _folder.Write();
        first.Write("H0UPCNT0", Ticks.Index(1), Ticks.At(1));
        first.Flush();
        Directory.Delete(_folder.Path, recursive: true);
        using (var second = _folder.Write())
        {
            second.Write("H0UPCNT0", Ticks.Index(2), Ticks.At(2));
            second.Flush();
            first.Write("H0UPCNT0", Ticks.Index(3), Ticks.At(3));
            Should.Throw<IOException>(first.Flush).Message.ShouldContain("another recorder writes to");
            second.Write("H0UPCNT0", Ticks.Index(4), Ticks.At(4));
            second.Close();
        }

        first.Flush();
        first.Close();

        // The frames of both are present, one file after the other.
        (await ReadAsync()).Order().ShouldBe([2, 3, 4]);
        first.LostFiles.ShouldBe(1);
    }

    [Fact]
    public void A_touched_lock_file_stays_locked()
    {
        using var writer = _folder.Write();
        File.SetLastWriteTimeUtc(Path.Combine(_folder.Path, ".recorder.lock"), DateTime.UtcNow);

        writer.Write("H0UPCNT0", Ticks.Index(1), Ticks.At(1));
        writer.Flush();

        Should.Throw<CaptureException>(() => _folder.Write()).Message.ShouldContain("another recorder writes to");
        writer.LostFiles.ShouldBe(0);
    }

    [Fact]
    public async Task Unreadable_files_are_reported_and_do_not_prevent_recording()
    {
        if (OperatingSystem.IsWindows())
            return;
        var today = Directory.CreateDirectory(Path.Combine(_folder.Path, "2026-11-20")).FullName;
        var before = Directory.CreateDirectory(Path.Combine(_folder.Path, "2026-11-01")).FullName;
        string[] links = [Path.Combine(before, "H0UPCNT0-090000.log.gz"), Path.Combine(today, "H0UPCNT0-080000.log.gz")];
        foreach (var link in links)
            File.CreateSymbolicLink(link, "/nowhere");

        using (var writer = _folder.Write())
        {
            writer.Recovered.Select(found => (found.Path, found.Problem is not null)).ShouldBe([(links[0], true), (links[1], true)]);
            writer.Write("H0UPCNT0", Ticks.Index(1), Ticks.At(1));
            writer.Close();
        }

        var file = _folder.Files.Single(path => !links.Contains(path));
        await foreach (var item in CaptureReader.Open(file).ReadItemsAsync())
            item.Problem.ShouldBeNull();
    }

    [Fact]
    public void A_file_without_any_data_is_removed()
    {
        var path = _folder.Put(Path.Combine("2026-11-20", "H0UPCNT0-090000.log.gz"), []);

        using var writer = _folder.Write();

        writer.Recovered.ShouldBe([new CaptureRecovery(path) { IsRemoved = true }]);
        File.Exists(path).ShouldBeFalse();
    }

    [Fact]
    public async Task A_clock_that_is_set_back_is_reported_and_loses_nothing()
    {
        using (var writer = _folder.Write())
        {
            writer.Write("H0UPCNT0", Ticks.Index(1), Ticks.At(60_000));
            writer.Write("H0UPCNT0", Ticks.Index(2), Ticks.At(0));
            writer.Close();
        }

        (await ReadAsync()).ShouldBe([1, 2]);
        List<CaptureEventKind?> events = [];
        await foreach (var item in CaptureReader.Open(_folder.Path).ReadItemsAsync())
            events.Add(item.Event?.Kind);
        events.ShouldBe([CaptureEventKind.Capture, null, CaptureEventKind.Clock, null]);
    }

    public void Dispose() => _folder.Dispose();

    private string ManifestPath => Path.Combine(_folder.Path, "2026-11-20", "manifest.json");

    private JsonElement Manifest(string trId)
    {
        using var json = JsonDocument.Parse(File.ReadAllText(ManifestPath));
        return json.RootElement.GetProperty("files").EnumerateArray().Single(file => file.GetProperty("feed").GetString() == trId).Clone();
    }

    private (string Path, byte[] Content, List<int> Flushes) WriteInFlushes(int count, int each, bool close)
    {
        List<int> flushes = [];
        using (var writer = _folder.Write())
        {
            for (var i = 0; i < count; i++)
            {
                writer.Write("H0UPCNT0", Ticks.Index(i), Ticks.At(i));
                if ((i + 1) % each != 0)
                    continue;
                writer.Flush();
                flushes.Add((int)new FileInfo(_folder.Files.Single()).Length);
            }

            if (close)
                writer.Close();
        }

        return (_folder.Files.Single(), CaptureFolder.Content(_folder.Files.Single()), flushes);
    }

    private (string Path, byte[] Content, List<int> Flushes) WriteLong()
    {
        List<int> flushes = [];
        using (var writer = _folder.Write())
        {
            writer.Write("H0UPCNT0", Ticks.Index(0), Ticks.At(0));
            writer.Flush();
            flushes.Add((int)new FileInfo(_folder.Files.Single()).Length);
            var noise = Random.Shared.GetHexString(300_000);
            writer.Write("H0UPCNT0", Encoding.ASCII.GetBytes($"0|H0UPCNT0|001|{noise}"), Ticks.At(1));
            writer.Flush();
        }

        return (_folder.Files.Single(), CaptureFolder.Content(_folder.Files.Single()), flushes);
    }

    private async Task<List<int>> ReadAsync()
    {
        List<int> numbers = [];
        await foreach (var frame in CaptureReader.Open(_folder.Files).ReadFramesAsync())
        {
            numbers.Add(
                int.Parse(Encoding.UTF8.GetString(frame.Bytes.Span).Split('^')[5], System.Globalization.CultureInfo.InvariantCulture));
        }
        return numbers;
    }
}
