using System.Text.Json;
using KisFeed.Capture.Inspection;
using KisFeed.Capture.Writing;
using KisFeed.Testing;

namespace KisFeed.Capture.Tests;

/// <summary>What a retention does not keep is deleted, oldest first; nothing else is.</summary>
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
    public void Days_are_those_of_Korea_and_the_present_one_counts()
    {
        foreach (var day in (int[])[16, 17, 18, 19])
            WriteDay(day);
        using var writer = _folder.Write();

        Prune(writer, new CaptureRetention { KeepDays = 2 });

        Names.ShouldBe(["2026-11-19/H0UPCNT0-090000.log.gz"]);
        Directory.EnumerateDirectories(_folder.Path).Count().ShouldBe(1, "a folder goes with its last file");
        Logged("deleted").Count().ShouldBe(3);
        Logged("deleted").First().ShouldMatch($"^{Path.Combine(_folder.Path, "2026-11-16", "H0UPCNT0-090000.log.gz")} deleted: [0-9]+ bytes, 4 days old; captures are kept for 2 days ?$");
    }

    [Fact]
    public async Task By_size_the_oldest_goes_first_with_its_entry_in_the_manifest_until_the_rest_fits()
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
    public async Task Files_that_are_written_stay_and_count_and_that_they_are_too_large_is_said_once()
    {
        WriteDay(19);
        using var writer = _folder.Write(options => options with { MaxFileBytes = 1 << 16 });
        WriteFrames(writer, s_now);
        writer.Flush();
        Names.Length.ShouldBeGreaterThan(2, "the present day has a file that is closed, and one that is being written");
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
    public void A_file_of_yesterday_that_is_still_open_after_midnight_stays()
    {
        using var writer = _folder.Write();
        WriteFrames(writer, s_now.AddHours(-2), count: 10);
        writer.Flush();

        Prune(writer, new CaptureRetention { KeepDays = 1, MaxBytes = 1 });

        Names.ShouldBe(["2026-11-19/H0UPCNT0-223000.log.gz"]);
    }

    [Fact]
    public void The_newest_file_of_a_feed_of_today_stays_since_it_may_be_continued()
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
    public void What_no_recorder_wrote_stays()
    {
        WriteDay(10);
        var recorded = _folder.Files.Single();
        string[] others =
        [
            _folder.Put("2026-11-10/notes.txt", [1]),
            _folder.Put("2026-11-10/H0UPCNT0-100000.log.gz", "no capture"u8.ToArray()),
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
        _log.Entries.ShouldHaveSingleItem("what is not deleted does not count either").Text.ShouldStartWith($"{recorded} deleted: ");
    }

    [Fact]
    public void A_file_that_cannot_be_deleted_is_said_once_and_holds_nothing_up()
    {
        if (OperatingSystem.IsWindows() || Environment.IsPrivilegedProcess)
            return; // Nothing keeps this user from deleting.
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

    // A file for each hour of a day in Korea.
    private void WriteDay(int day, params int[] hours)
    {
        foreach (var hour in hours is [] ? [9] : hours)
        {
            // A file is continued only where it has room.
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
