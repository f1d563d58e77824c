using System.Diagnostics;
using KisFeed.Capture.Files;
using KisFeed.Capture.Following;
using KisFeed.Capture.Inspection;

namespace KisFeed.Capture.Tests;

/// <summary>A capture folder in which a file has several names, and in which folders contain themselves.</summary>
public sealed class FileNamesTests : IDisposable
{
    private const int Frames = 5;

    private readonly CaptureFolder _folder = new();
    private readonly string _file;

    public FileNamesTests()
    {
        using (var writer = _folder.Write())
        {
            for (var i = 1; i <= Frames; i++)
                writer.Write("H0UPCNT0", Ticks.Index(i), Ticks.At(i));
            writer.Close();
        }

        _file = _folder.Files.Single();
    }

    private string Day => Path.GetDirectoryName(_file)!;

    public void Dispose() => _folder.Dispose();

    [Fact]
    public async Task A_link_to_a_file_does_not_multiply_its_frames()
    {
        File.CreateSymbolicLink(Path.Combine(Day, "A.log.gz"), _file);

        var reader = CaptureReader.Open(_folder.Path);

        (await reader.ReadFramesAsync().CountAsync()).ShouldBe(Frames);
        reader.Files.Single().Path.ShouldBe(_file);
        reader.Skipped.Single().ToString().ShouldBe($"{Path.Combine(Day, "A.log.gz")} is skipped: it is the same file as {_file}");
    }

    [Fact]
    public async Task A_second_name_of_a_file_does_not_multiply_its_frames()
    {
        var name = HardLink("H0UPCNT0-090000-2.log.gz");

        var reader = CaptureReader.Open([name, _folder.Path, _file]);

        (await reader.ReadFramesAsync().CountAsync()).ShouldBe(Frames);
        reader.Skipped.Select(skipped => skipped.Path).Distinct(StringComparer.Ordinal).ShouldBe([_file]);
    }

    [Fact]
    public async Task Folders_that_contain_themselves_are_read_once()
    {
        foreach (var name in new[] { "loop", "loop2", "2026-11-21" })
            Directory.CreateSymbolicLink(Path.Combine(_folder.Path, name), _folder.Path);
        Directory.CreateSymbolicLink(Path.Combine(Day, "up"), _folder.Path);

        var report = await CaptureInspection.RunAsync(CaptureReader.Open(_folder.Path));

        report.IsSound.ShouldBeTrue();
        report.Feeds.Single().Records.ShouldBe(Frames);
        report.Skipped.Select(skipped => Path.GetFileName(skipped.Path)).Order(StringComparer.Ordinal)
            .ShouldBe(["2026-11-21", "loop", "loop2", "up"]);
        report.Skipped.ShouldAllBe(skipped => skipped.Reason == "is a link to a folder: links to folders are not followed");
    }

    [Fact]
    public async Task A_folder_that_is_given_may_be_a_link()
    {
        using var other = new CaptureFolder();
        var link = Path.Combine(other.Path, "capture");
        Directory.CreateSymbolicLink(link, _folder.Path);

        (await CaptureReader.Open(link).ReadFramesAsync().CountAsync()).ShouldBe(Frames);
    }

    [Fact]
    public void The_search_for_files_can_be_cancelled() =>
        Should.Throw<OperationCanceledException>(() => CaptureReader.Open([_folder.Path], null, new CancellationToken(canceled: true)));

    [Fact]
    public void A_follower_reads_a_file_once_and_reports_its_other_names()
    {
        var second = HardLink("H0UPCNT0-090000-2.log.gz");
        File.CreateSymbolicLink(Path.Combine(Day, "H0UPCNT0-090000-3.log.gz"), _file);
        Directory.CreateSymbolicLink(Path.Combine(_folder.Path, "2026-11-21"), Day);
        using var follower = new CaptureFollower(new CaptureFollowerOptions { Directory = _folder.Path });

        follower.Search();

        follower.Files.Single().Path.ShouldBe(_file);
        follower.Skipped.Select(skipped => skipped.Path).Order(StringComparer.Ordinal)
            .ShouldBe([second, Path.Combine(Day, "H0UPCNT0-090000-3.log.gz"), Path.Combine(_folder.Path, "2026-11-21")]);

        // The other name is its only one now.
        File.Delete(_file);
        follower.Search();
        follower.Files.Single().Path.ShouldBe(second);
    }

    [Fact]
    public void A_recorder_leaves_links_unchanged_and_reports_them()
    {
        var link = Path.Combine(Day, "H0UPCNT0-095959.log.gz");
        using var other = new CaptureFolder();
        var target = other.Put("torn.log.gz", [0x1f, 0x8b]);
        File.CreateSymbolicLink(link, target);

        using var writer = _folder.Write();
        writer.Write("H0UPCNT0", Ticks.Index(6), Ticks.At(6));
        writer.Close();

        writer.Recovered.Single().Path.ShouldBe(link);
        writer.Recovered.Single().Problem.ShouldBe("it is a link, and recorders make none: it is not read");
        new FileInfo(target).Length.ShouldBe(2);
    }

    [Fact]
    public void The_identity_of_a_file_is_that_of_all_its_names()
    {
        var link = Path.Combine(Day, "A.log.gz");
        File.CreateSymbolicLink(link, _file);
        var identity = FileIdentity.Of(_file).ShouldNotBeNull();

        FileIdentity.Of(link).ShouldBe(identity);
        FileIdentity.Of(HardLink("B.log.gz")).ShouldBe(identity);
        FileIdentity.Of(_folder.Put("C.log.gz", File.ReadAllBytes(_file))).ShouldNotBe(identity);
        FileIdentity.Of(Path.Combine(Day, "missing")).ShouldBeNull();
    }

    private string HardLink(string name)
    {
        var path = Path.Combine(Day, name);
        using var link = Process.Start("ln", [_file, path]);
        link.WaitForExit();
        link.ExitCode.ShouldBe(0);
        return path;
    }
}
