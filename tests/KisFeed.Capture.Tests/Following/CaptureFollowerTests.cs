using KisFeed.Capture.Following;

namespace KisFeed.Capture.Tests.Following;

public sealed class CaptureFollowerTests : IDisposable
{
    private const int All = int.MaxValue;

    private readonly CaptureFolder _folder = new();
    private readonly ManualTimeProvider _time = new();

    public void Dispose() => _folder.Dispose();

    [Fact]
    public void Every_frame_is_read_once_whatever_recorders_and_readers_do()
    {
        for (var seed = TestRun.Seed; seed < TestRun.Seed + TestRun.Of(200); seed++)
        {
            using var folder = new CaptureFolder();
            using var run = new FollowedRecording(folder.Path, seed, _time);
            for (var i = 0; i < 60; i++)
                run.Step();
            run.End();
            run.Read.ShouldBe(run.Written, $"seed {seed}");
            run.Problems.ShouldBeEmpty($"seed {seed}");
        }
    }

    [Fact]
    public void A_position_is_taken_only_where_no_line_is_open()
    {
        var frame = $"0|H0UPCNT0|001|{new string('x', 200_000)}";
        using (var writer = _folder.Write(options => options with { Compression = System.IO.Compression.CompressionLevel.NoCompression }))
        {
            writer.Write("H0UPCNT0", Ticks.Index(1), Ticks.At(1));
            writer.Flush();
            writer.Write("H0UPCNT0", Encoding.UTF8.GetBytes(frame), Ticks.At(2));
            writer.Close();
        }

        var path = _folder.Files.Single();
        var whole = File.ReadAllBytes(path);
        using var follower = Follower();
        File.WriteAllBytes(path, whole[..(whole.Length - 60_000)]);
        follower.Search();
        var first = follower.Read(All)!;
        first.Items.Count(item => item.Item.IsFrame).ShouldBe(1);
        first.To.ShouldBeLessThan(2_000);
        follower.Read(All).ShouldBeNull();

        File.WriteAllBytes(path, whole);
        follower.Search();
        var second = follower.Read(1)!;
        (second.From, second.To).ShouldBe((first.To, whole.Length - 28));
        Encoding.UTF8.GetString(second.Items.Single().Item.Frame.Bytes.Span).ShouldBe(frame);
        var end = follower.Read(1)!;
        (end.To, end.IsClosed, end.Items.Count).ShouldBe((whole.Length, true, 0));
        follower.Read(1).ShouldBeNull();
    }

    [Fact]
    public void A_damaged_block_is_a_problem_and_reading_goes_on()
    {
        WriteBlocks(3);
        var path = _folder.Files.Single();
        var bytes = File.ReadAllBytes(path);
        bytes[bytes.Length / 2] ^= 0x55;
        File.WriteAllBytes(path, bytes);

        using var follower = Follower();
        follower.Search();
        var batch = follower.Read(All)!;

        batch.Items.Count(item => item.Item.IsFrame).ShouldBe(2);
        var problem = batch.Items.Single(item => item.Item.Problem is not null);
        problem.Item.Problem!.Kind.ShouldBe(CaptureProblemKind.Corrupt);
        problem.Position.ShouldBe(problem.Item.Problem.Offset!.Value);
        batch.To.ShouldBe(bytes.Length);
    }

    [Fact]
    public void An_incomplete_end_is_a_problem_only_if_a_later_file_follows()
    {
        WriteBlocks(2);
        var path = _folder.Files.Single();
        File.WriteAllBytes(path, File.ReadAllBytes(path)[..^40]);
        using var follower = Follower();
        follower.Search();
        follower.Read(All)!.Items.ShouldAllBe(item => item.Item.Problem == null);
        follower.Read(All).ShouldBeNull();

        _folder.Put("2026-11-20/H0UPCNT0-100000.log.gz", File.ReadAllBytes(path));
        follower.Search();
        var rest = follower.Read(All)!;
        rest.Items.ShouldHaveSingleItem().Item.Problem!.Kind.ShouldBe(CaptureProblemKind.TornTail);
        rest.To.ShouldBe(new FileInfo(path).Length);
        follower.Read(All)!.File.ShouldBe("2026-11-20/H0UPCNT0-100000.log.gz");
    }

    [Fact]
    public void A_file_that_was_replaced_is_read_from_its_beginning()
    {
        WriteBlocks(3);
        var length = new FileInfo(_folder.Files.Single()).Length;
        var end = length - 28;
        using var follower = Follower();
        follower.SetPosition("2026-11-20/H0UPCNT0-090000.log.gz", end, Ticks.At(0).AddSeconds(-1));
        follower.Search();

        var batch = follower.Read(All)!;

        (batch.IsRestarted, batch.From, batch.To).ShouldBe((true, end, length));
        batch.Items.Count(item => item.Item.IsFrame).ShouldBe(3);
    }

    [Fact]
    public void A_position_in_the_middle_of_a_block_is_not_used()
    {
        WriteBlocks(3);
        using var follower = Follower();
        follower.SetPosition("2026-11-20/H0UPCNT0-090000.log.gz", 100, Ticks.At(0));
        follower.Search();

        follower.Read(All)!.IsRestarted.ShouldBeTrue();
    }

    [Fact]
    public void Removed_files_are_reported_if_they_were_not_read_and_an_empty_folder_is_an_error()
    {
        WriteBlocks(1);
        using (var writer = _folder.Write())
        {
            writer.Write("H0BJCNT0", Ticks.Bond(1), Ticks.At(1));
            writer.Close();
        }

        using var follower = Follower();
        follower.Search().ShouldBeEmpty();
        follower.Read(All)!.Feed.ShouldBe("H0UPCNT0");
        File.Delete(_folder.Files[0]);
        follower.Search().Select(file => (file.Feed, file.Position)).ShouldBe([("H0BJCNT0", 0L)]);
        follower.Search().ShouldBeEmpty();

        Directory.Delete(Path.Combine(_folder.Path, "2026-11-20"), recursive: true);
        Should.Throw<IOException>(() => follower.Search()).Message.ShouldContain("is empty although it had files");
    }

    [Fact]
    public void Days_are_read_in_order_and_feeds_in_turn()
    {
        foreach (var day in (int[])[21, 20])
        {
            foreach (var feed in (string[])["H0UPCNT0", "H0BJCNT0"])
            {
                WriteBlocks(2);
                _folder.Put(
                    string.Create(CultureInfo.InvariantCulture, $"2026-11-{day}/{feed}-080000.log.gz"),
                    File.ReadAllBytes(_folder.Files.Last()));
            }
        }

        File.Delete(Path.Combine(_folder.Path, "2026-11-20", "H0UPCNT0-090000.log.gz"));
        using var follower = Follower();
        follower.Search();
        var read = new List<string>();
        while (follower.Read(1) is { } batch)
            read.Add(batch.File[8..19]);
        read.Distinct(StringComparer.Ordinal).ShouldBe(["20/H0UPCNT0", "20/H0BJCNT0", "21/H0UPCNT0", "21/H0BJCNT0"], ignoreOrder: true);
        read.FindLastIndex(name => name.StartsWith("20", StringComparison.Ordinal))
            .ShouldBeLessThan(read.FindIndex(name => name.StartsWith("21", StringComparison.Ordinal)));
        read.Take(2).Distinct(StringComparer.Ordinal).Count().ShouldBe(2);
    }

    private CaptureFollower Follower() => new(new CaptureFollowerOptions { Directory = _folder.Path, TimeProvider = _time });

    private void WriteBlocks(int count)
    {
        using var writer = _folder.Write();
        for (var i = 0; i < count; i++)
        {
            writer.Write("H0UPCNT0", Ticks.Index(i), Ticks.At(i));
            writer.Flush();
        }

        writer.Close();
    }
}
