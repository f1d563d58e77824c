using System.Text.Json;
using KisFeed.Capture.Files;
using KisFeed.Capture.Inspection;
using KisFeed.Capture.Writing;

namespace KisFeed.Capture.Tests;

/// <summary>A retention deletes its expired files, oldest first, and nothing else.</summary>
public sealed class RetentionTests : IDisposable
{
    private const int Frames = 4_000;

    // Half an hour into 2026-11-20 in Korea, still the day before in UTC.
    private static readonly DateTimeOffset s_now = new(2026, 11, 19, 15, 30, 0, TimeSpan.Zero);

    private readonly CaptureFolder _folder = new();
    private readonly RecordingLoggerFactory _log = new();

    private string[] Names => [.. _folder.Files.Select(path => Path.GetRelativePath(_folder.Path, path).Replace('\\', '/'))];

    public void Dispose()
    {
        _folder.Dispose();
        _log.Dispose();
    }

    [Fact]
    public void Days_are_Korean_days_including_the_current_one()
    {
        foreach (var day in (int[])[16, 17, 18, 19])
            WriteDay(day);
        using var writer = _folder.Write();

        Prune(writer, new CaptureRetention { KeepDays = 2 });

        Names.ShouldBe(["2026-11-19/H0UPCNT0-090000.log.gz"]);
        Directory.EnumerateDirectories(_folder.Path).Count().ShouldBe(1, "a folder is deleted with its last file");
        DeletedData.Read(_folder.Path).ShouldHaveSingleItem().ShouldBe(
            new("H0UPCNT0", new DateTimeOffset(2026, 11, 18, 9, 0, 0, 9, TimeSpan.FromHours(9))), "the last line that was deleted");
        Logged("deleted").Count().ShouldBe(3);
        Logged("deleted").First().ShouldMatch($"^{Path.Combine(_folder.Path, "2026-11-16", "H0UPCNT0-090000.log.gz")} deleted: "
            + "[0-9]+ bytes, 4 days old; captures are kept for 2 days ?$");
    }

    [Fact]
    public async Task A_size_limit_deletes_the_oldest_files_and_their_manifest_entries_until_the_rest_fits()
    {
        WriteDay(18);
        WriteDay(19, hours: [9, 11, 13]);
        string[] names = [.. Names.OrderBy(name => name[..^".log.gz".Length], StringComparer.Ordinal)];
        names.Length.ShouldBeGreaterThan(4);
        var sizes = names.Select(name => new FileInfo(Path.Combine(_folder.Path, name)).Length).ToArray();
        using (var writer = _folder.Write())
            Prune(writer, new CaptureRetention { MaxBytes = sizes[^1] + sizes[^2] });

        Names.ShouldBe(names[^2..], ignoreOrder: true);
        ManifestFiles("2026-11-19").ShouldBe(names[^2..].Select(name => Path.GetFileName(name)), ignoreOrder: true);
        Logged($"the limit of the captures is {sizes[^1] + sizes[^2]} bytes").Count().ShouldBe(names.Length - 2);
        (await CaptureInspection.RunAsync(CaptureReader.Open(_folder.Path))).IsSound.ShouldBeTrue();
    }

    [Fact]
    public async Task Files_being_written_stay_and_count_and_exceeding_the_limit_is_logged_once()
    {
        WriteDay(19);
        using var writer = _folder.Write(options => options with { MaxFileBytes = 1 << 16 });
        WriteFrames(writer, s_now);
        writer.Flush();
        Names.Length.ShouldBeGreaterThan(2, "the current day has a closed file and one that is being written");
        var retention = Pruner(new CaptureRetention { MaxBytes = 1 });

        writer.Prune(retention, s_now);
        writer.Prune(retention, s_now);

        var open = Names.ShouldHaveSingleItem();
        open.ShouldStartWith("2026-11-20/");
        ManifestFiles("2026-11-20").ShouldBe([Path.GetFileName(open)]);
        Logged("more than the limit of 1").ShouldHaveSingleItem();
        WriteFrames(writer, s_now.AddMinutes(1), count: 10);
        writer.Close();
        writer.LostFiles.ShouldBe(0);
        (await CaptureInspection.RunAsync(CaptureReader.Open(_folder.Path))).IsSound.ShouldBeTrue();
    }

    [Fact]
    public void A_file_of_yesterday_that_is_still_open_stays()
    {
        using var writer = _folder.Write();
        WriteFrames(writer, s_now.AddHours(-2), count: 10);
        writer.Flush();

        Prune(writer, new CaptureRetention { KeepDays = 1, MaxBytes = 1 });

        Names.ShouldBe(["2026-11-19/H0UPCNT0-223000.log.gz"]);
    }

    [Fact]
    public void The_newest_file_of_each_feed_of_today_stays_because_it_may_be_continued()
    {
        using (var writer = _folder.Write(options => options with { MaxFileBytes = 1 << 16 }))
        {
            WriteFrames(writer, s_now);
            writer.Write("H0BJCNT0", Ticks.Bond(1), s_now);
            writer.Close();
        }

        using var next = _folder.Write();
        Prune(next, new CaptureRetention { MaxBytes = 1 });

        Names.Select(name => name[..19]).ShouldBe(["2026-11-20/H0BJCNT0", "2026-11-20/H0UPCNT0"]);
    }

    [Fact]
    public void Files_not_written_by_a_recorder_stay()
    {
        WriteDay(10);
        var recorded = _folder.Files.Single();
        string[] others =
        [
            _folder.Put("2026-11-10/notes.txt", [1]),
            _folder.Put("2026-11-10/H0UPCNT0-100000.log.gz", "not a capture"u8.ToArray()),
            _folder.Put("2026-11-10/H0UPCNT0-10.log.gz", File.ReadAllBytes(recorded)),
            _folder.Put("2026-11-10/H0BJCNT0-090000.log.gz", File.ReadAllBytes(recorded)),
            _folder.Put("2026-11-10/H0UPCNT0-090000-x.log.gz", File.ReadAllBytes(recorded)),
            _folder.Put("old/H0UPCNT0-090000.log.gz", File.ReadAllBytes(recorded)),
            _folder.Put("H0UPCNT0-090000.log.gz", File.ReadAllBytes(recorded)),
        ];
        if (!OperatingSystem.IsWindows())
            File.CreateSymbolicLink(Path.Combine(_folder.Path, "2026-11-10", "H0UPCNT0-110000.log.gz"), others[^1]);
        using var writer = _folder.Write();

        Prune(writer, new CaptureRetention { KeepDays = 1, MaxBytes = 1 });

        File.Exists(recorded).ShouldBeFalse();
        others.ShouldAllBe(path => File.Exists(path));
        _log.Entries.ShouldHaveSingleItem("files that are not deleted do not count either").Text.ShouldStartWith($"{recorded} deleted: ");
    }

    [Fact]
    public void A_file_that_cannot_be_deleted_is_logged_once_and_does_not_stop_the_others()
    {
        if (OperatingSystem.IsWindows() || Environment.IsPrivilegedProcess)
            return; // This user can delete everything.
        WriteDay(17);
        WriteDay(18);
        using var writer = _folder.Write();
        var first = Path.Combine(_folder.Path, "2026-11-17");
        File.SetUnixFileMode(first, UnixFileMode.UserRead | UnixFileMode.UserExecute);
        var pruner = Pruner(new CaptureRetention { KeepDays = 1 });

        writer.Prune(pruner, s_now);
        writer.Prune(pruner, s_now);

        File.SetUnixFileMode(first, UnixFileMode.UserRead | UnixFileMode.UserWrite | UnixFileMode.UserExecute);
        Names.ShouldBe(["2026-11-17/H0UPCNT0-090000.log.gz"]);
        Logged("cannot be deleted").ShouldHaveSingleItem();
    }

    private CapturePruner Pruner(CaptureRetention retention) => new(_folder.Path, retention, _log.CreateLogger("retention"));

    private void Prune(CaptureWriter writer, CaptureRetention retention) => writer.Prune(Pruner(retention), s_now);

    private IEnumerable<string> Logged(string text) => _log.Entries.Select(entry => entry.Text).Where(entry => entry.Contains(text));

    private string[] ManifestFiles(string day)
    {
        using var manifest = JsonDocument.Parse(File.ReadAllText(Path.Combine(_folder.Path, day, "manifest.json")));
        return [.. manifest.RootElement.GetProperty("files").EnumerateArray().Select(file => file.GetProperty("file").GetString()!)];
    }

    // Writes a file for each hour of a day in Korea.
    private void WriteDay(int day, params int[] hours)
    {
        foreach (var hour in hours is [] ? [9] : hours)
        {
            // A file is continued only if it has room.
            using var writer = _folder.Write(options => options with { MaxFileBytes = 1 << 16 });
            WriteFrames(writer, new DateTimeOffset(2026, 11, day, hour, 0, 0, TimeSpan.FromHours(9)), hours is [] ? 10 : Frames);
            writer.Close();
        }
    }

    private static void WriteFrames(CaptureWriter writer, DateTimeOffset from, int count = Frames)
    {
        for (var i = 0; i < count; i++)
            writer.Write("H0UPCNT0", Ticks.Index(i), from.AddMilliseconds(i));
    }
}
