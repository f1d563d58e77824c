using KisFeed.Capture;
using KisFeed.Capture.Tests;
using KisFeed.Capture.Tests.Recording;
using KisFeed.Simulator;
using KisFeed.Wire;
using Captured = KisFeed.Capture.Tests.Ticks;

namespace KisFeed.Cli.Tests.Commands;

public sealed class RecordTests : IDisposable
{
    private readonly CaptureFolder _folder = new();

    public static TheoryData<string> Notices => [.. KisFeeds.Catalog.Feeds.Where(feed => feed.IsNotice).Select(feed => feed.Alias)];

    public void Dispose() => _folder.Dispose();

    [Fact]
    public async Task Recorded_data_can_be_read()
    {
        await using var service = await Service.StartAsync();
        var run = await RecordAsync(
            service, "index:0001", "h0bjcnt0:KR103502GA34", "--count", "200", "--flush", "20ms", "--format", "json");

        run.ExitCode.ShouldBe(ExitCode.Success, run.Error);
        run.Error.ShouldBe($"kisfeed: recording 2 registrations into {_folder.Path}\n");
        var (end, frames) = (run.Objects[^1], (await Recorded.ReadAsync(_folder.Path)).Frames.ToList());
        frames.Count.ShouldBeGreaterThanOrEqualTo(200);
        frames.Select(frame => frame.File.TrId).Distinct(StringComparer.Ordinal).ShouldBe(["H0UPCNT0", "H0BJCNT0"], ignoreOrder: true);
        foreach (var count in (string[])["received", "flushed"])
            end.GetProperty(count).GetInt64().ShouldBe(frames.Count);
        foreach (var nothing in (string[])["waiting", "dropped", "gaps", "malformed", "withheld", "lostFiles", "failures", "lost"])
            end.GetProperty(nothing).GetInt64().ShouldBe(0, nothing);
        end.GetProperty("files").GetInt64().ShouldBe(2);
        end.GetProperty("bytes").GetInt64().ShouldBe(_folder.Files.Sum(file => new FileInfo(file).Length));
        end.GetProperty("ended").GetBoolean().ShouldBeTrue();
        CaptureReader.Open(_folder.Path).Files.ShouldAllBe(file => file.IsClosed);
    }

    [Fact]
    public async Task Progress_is_reported_as_JSON_objects()
    {
        await using var service = await Service.StartAsync();
        var run = await RecordAsync(service, "index:0001", "--count", "100", "--flush", "10ms", "--format", "json");

        run.Objects.Length.ShouldBeGreaterThan(2);
        run.Objects.Select(o => o.GetProperty("flushed").GetInt64()).ShouldBeInOrder();
        string[] members =
        [
            "at", "received", "flushed", "waiting", "dropped", "gaps", "malformed", "withheld", "bytes", "rate", "files", "lostFiles",
            "failures",
        ];
        run.Objects[..^1].ShouldAllBe(o => o.EnumerateObject().Select(p => p.Name).SequenceEqual(members.Append("sessions")));
        run.Objects[^1].EnumerateObject().Select(p => p.Name).ShouldBe([.. members, "lost", "ended", "sessions"]);
        run.Objects.Select(o => o.GetProperty("sessions").GetRawText())
            .ShouldContain(sessions => sessions == """[{"name":"1","phase":"open","desired":1,"confirmed":1}]""");
    }

    [Fact]
    public async Task The_text_output_ends_with_a_summary()
    {
        await using var service = await Service.StartAsync();
        var run = await RecordAsync(service, "index:0001", "--count", "20");

        run.ExitCode.ShouldBe(ExitCode.Success, run.Error);
        run.Lines.ShouldHaveSingleItem()
            .ShouldMatch($@"^recorded \d+ frames, \d+\.\d KB, into 1 file in {_folder.Path}; 0 dropped, 0 gaps$");
    }

    [Fact]
    public async Task Old_captures_are_deleted_and_reported()
    {
        var old = RecordDay(DateTimeOffset.UtcNow.AddDays(-10));
        var recent = RecordDay(DateTimeOffset.UtcNow.AddDays(-2));
        await using var service = await Service.StartAsync();

        var run = await RecordAsync(service, "index:0001", "--count", "20", "--keep-days", "5");

        run.ExitCode.ShouldBe(ExitCode.Success, run.Error);
        File.Exists(old).ShouldBeFalse();
        File.Exists(recent).ShouldBeTrue();
        run.Error.ShouldMatch($@"[0-9:]+ {old} deleted: \d+ bytes, \d+ days old; captures are kept for 5 days\n");
        var small = await RecordAsync(service, "index:0001", "--count", "20", "--max-size", "1K");
        small.ExitCode.ShouldBe(ExitCode.Success, small.Error);
        small.Error.ShouldContain($"{recent} deleted: ");
        CaptureReader.Open(_folder.Path).Files.ShouldHaveSingleItem();
    }

    [Theory]
    [InlineData("'0' is not a valid number of days. Use a whole number from 1 to 36500, e.g. --keep-days 30.", "--keep-days", "0")]
    [InlineData("'ten' is not a valid size. Use a number and a unit, e.g. 500M or 10G.", "--max-size", "ten")]
    public async Task Invalid_limits_are_refused(string problem, string option, string value)
    {
        (await CommandRun.OfAsync("record", "index:0001", "--dir", _folder.Path, option, value)).ShouldFail(ExitCode.Usage, problem);
    }

    [Fact]
    public async Task The_duration_ends_the_command()
    {
        await using var service = await Service.StartAsync();
        (await RecordAsync(service, "index:0001", "--duration", "2s")).ExitCode.ShouldBe(ExitCode.Success);
    }

    [Theory]
    [MemberData(nameof(Notices))]
    public async Task Order_notices_are_recorded_only_on_request(string alias)
    {
        await using var service = await Service.StartAsync();
        var run = await RecordAsync(service, "index:0001", alias);

        run.ExitCode.ShouldBe(ExitCode.Usage);
        run.Error.ShouldBe($"kisfeed: {alias}: order notices hold account numbers, orders and fills; add --notices to record them, "
            + "in files that only you can read\n");
        Directory.EnumerateFileSystemEntries(_folder.Path).ShouldBeEmpty();
    }

    [Fact]
    public async Task Order_notices_are_recorded_decrypted_in_separate_files_that_only_their_owner_can_read()
    {
        FeedSchema[] feeds = [.. KisFeeds.Catalog.Feeds.Where(feed => feed.IsNotice && !feed.IsMockOnly)];
        await using var service = await Service.StartAsync();
        var run = await RecordAsync(
            service,
            ["index:0001", .. feeds.Select(feed => feed.Alias), "--notices", "--count", "500", "--format", "json", "--log", "debug"]);

        run.ExitCode.ShouldBe(ExitCode.Success, run.Error);
        _folder.Files.Length.ShouldBe(feeds.Length + 1);
        foreach (var feed in feeds)
        {
            var path = _folder.Files.Single(file => Path.GetFileName(file).StartsWith(feed.TrId, StringComparison.Ordinal));
            var notices = (await Recorded.ReadAsync(path)).Frames.Select(frame => Encoding.UTF8.GetString(frame.Frame.Bytes.Span)).ToList();
            notices.ShouldNotBeEmpty(feed.TrId);
            notices.ShouldAllBe(notice => notice.StartsWith($"0|{feed.TrId}|001|{Service.HtsId}^", StringComparison.Ordinal));
            if (!OperatingSystem.IsWindows())
                File.GetUnixFileMode(path).ShouldBe(UnixFileMode.UserRead | UnixFileMode.UserWrite);
        }

        (await File.ReadAllTextAsync(Path.Combine(Path.GetDirectoryName(_folder.Files[0])!, "manifest.json")))
            .ShouldNotContain(Service.HtsId);
        (run.Output + run.Error).ShouldNotContain(Service.HtsId);
    }

    [Fact]
    public async Task A_refused_registration_is_reported_once_and_ends_the_recording()
    {
        await using var service = await Service.StartAsync(new SimulatorOptions { HtsId = "SomebodyElse" });
        var run = await RecordAsync(service, "index:0001", "notice", "--notices");

        run.ExitCode.ShouldBe(ExitCode.Refused);
        run.Error.TrimEnd().Split('\n').Length.ShouldBe(2, run.Error);
        run.Error.ShouldContain("\nkisfeed: notice: H0IFCNI0 was refused: OPSP0017");
    }

    [Fact]
    public async Task A_duration_with_an_app_key_in_use_elsewhere_is_a_failure()
    {
        await using var service = await Service.StartAsync();
        using var elsewhere = new CaptureFolder();
        await using var first = RunningCommand.Start(
            service.Variables, ["record", "--dir", elsewhere.Path, "index:0001", "--flush", "10ms", "--format", "json"]);
        await first.WaitForOutputAsync(HasFlushed);
        var second = await RecordAsync(service, "index:0001", "--duration", "1s");

        second.ShouldFail(ExitCode.ConnectionLost, "kisfeed: nothing was registered, so nothing was recorded: ");
        second.Error.ShouldContain("OPSP8996");
        (await first.InterruptAsync()).ExitCode.ShouldBe(ExitCode.Success);
    }

    [Fact]
    public async Task Refused_credentials_are_reported_without_showing_them()
    {
        await using var service = await Service.StartAsync(new SimulatorOptions { AppKey = "SOMEBODYELSESAPPKEY0000000" });
        var run = await RecordAsync(service, "index:0001");

        run.ShouldFail(ExitCode.Refused, "EGW00103");
        run.Error.ShouldNotContain(Service.AppKey);
        run.Error.ShouldNotContain(Service.AppSecret);
    }

    [Fact]
    public async Task A_second_recorder_cannot_use_the_folder()
    {
        await using var service = await Service.StartAsync();
        await using var other = await Service.StartAsync();
        await using var first = Start(service.Variables, "index:0001", "--flush", "10ms", "--format", "json");
        await first.WaitForOutputAsync(HasFlushed);
        var second = await RecordAsync(other, "index:0001");

        second.ExitCode.ShouldBe(ExitCode.Usage);
        second.Error.ShouldBe($"kisfeed: another recorder writes to {_folder.Path}: use another folder, or end the other recorder\n");
        (await first.InterruptAsync()).ExitCode.ShouldBe(ExitCode.Success);
    }

    [Fact]
    public async Task An_invalid_folder_is_reported()
    {
        await using var service = await Service.StartAsync();
        using var file = new TemporaryFile("");
        var run = await CommandRun.WithVariablesAsync(service.Variables, "record", "index:0001", "--dir", file.Path);

        run.ExitCode.ShouldBe(ExitCode.Usage);
        run.Error.ShouldStartWith($"kisfeed: {file.Path} cannot be written to: ");
    }

    [Fact]
    public async Task Files_left_by_a_killed_recorder_are_repaired_and_reported()
    {
        using (var killed = _folder.Write())
        {
            killed.Write("H0UPCNT0", Captured.Index(1), DateTimeOffset.UtcNow);
            killed.Flush();
        }

        using (var torn = new FileStream(_folder.Files.Single(), FileMode.Append))
            torn.Write(CaptureFolder.Content(_folder.Files.Single()).AsSpan(0, 25));
        await using var service = await Service.StartAsync();
        var run = await RecordAsync(service, "index:0001", "--count", "10");

        run.ExitCode.ShouldBe(ExitCode.Success, run.Error);
        run.Error.ShouldStartWith(
            $"kisfeed: {_folder.Files[0]} was not closed by an earlier recorder: 25 incomplete bytes were cut off its end\n");
        var recorded = await Recorded.ReadAsync(_folder.Path);
        recorded.Items.Where(item => item.Problem is not null).ShouldBeEmpty();
        recorded.Frames.First().Frame.Bytes.ToArray().ShouldBe(Captured.Index(1));
        recorded.Frames.Count().ShouldBeGreaterThan(10);
    }

    [Fact]
    public async Task A_temporarily_unwritable_folder_blocks_nothing_and_is_reported()
    {
        await using var service = await Service.StartAsync();
        await using var record = Start(service.Variables, "index:0001", "--flush", "10ms", "--format", "json");
        await record.WaitForOutputAsync(HasFlushed);
        var movedFolder = $"{_folder.Path}.aside";
        Directory.Move(_folder.Path, movedFolder);
        await File.WriteAllTextAsync(_folder.Path, "");
        await record.WaitForErrorAsync($"kisfeed: {_folder.Path} cannot be written to: ");
        await record.WaitForOutputAsync(output => output.Contains("\"problemSince\"", StringComparison.Ordinal));
        File.Delete(_folder.Path);
        await record.WaitForErrorAsync($"kisfeed: {_folder.Path} can be written to again after ");
        var run = await record.InterruptAsync();
        Directory.Delete(movedFolder, recursive: true);

        run.ShouldFail(ExitCode.DataLost, $"kisfeed: 1 file was removed from {_folder.Path} while being written; ");
        run.Objects[^1].GetProperty("lostFiles").GetInt64().ShouldBe(1);
        run.Objects[^1].TryGetProperty("problem", out _).ShouldBeFalse();
        (await Recorded.ReadAsync(_folder.Path)).Events.ShouldContain(e => e.Kind == CaptureEventKind.Storage);
    }

    [Theory]
    [InlineData("standard output is closed")]
    [InlineData("nobody reads it")]
    public async Task The_progress_output_may_fail(string reason)
    {
        await using var service = await Service.StartAsync();
        await using var error = new StringWriter { NewLine = "\n" };
        await using var closed = new FailingStream(
            reason == "nobody reads it" ? new OperationCanceledException(reason) : new OutputClosedException(new IOException(reason)));
        var host = new CommandHost
        {
            Input = Stream.Null,
            Output = closed,
            Error = TextWriter.Synchronized(error),
            Variable = service.Variables.GetValueOrDefault,
        };
        var code = await CommandLine.RunAsync(
            ["record", "index:0001", "--dir", _folder.Path, "--count", "100", "--flush", "10ms", "--format", "json"],
            host,
            CancellationToken.None);

        code.ShouldBe(ExitCode.Success);
        error.ToString().ShouldContain(
            $"kisfeed: the status of the recording can no longer be written: {reason}; the recording itself is not affected");
        (await Recorded.ReadAsync(_folder.Path)).Frames.Count().ShouldBeGreaterThanOrEqualTo(100);
    }

    [Theory]
    [InlineData("'nothing' is not a feed", "nothing:0001")]
    [InlineData("has no key: add the sector code", "index")]
    [InlineData("'0' is not a valid count", "index:0001", "--count", "0")]
    [InlineData("'10' is not a valid duration", "index:0001", "--duration", "10")]
    [InlineData("--flush is at most 60s", "index:0001", "--flush", "61s")]
    [InlineData("'large' is not a valid file size", "index:0001", "--max-file-size", "large")]
    [InlineData("'63K' is not a valid file size", "index:0001", "--max-file-size", "63K")]
    [InlineData("--wait and --no-reconnect cannot be used together", "index:0001", "--wait", "--no-reconnect")]
    public async Task Wrong_usage_is_reported(string message, params string[] arguments)
    {
        var run = await CommandRun.WithVariablesAsync(
            Service.VariablesFor("ws://127.0.0.1:9"), ["record", "--dir", _folder.Path, .. arguments]);

        run.ShouldFail(ExitCode.Usage, message);
        Directory.EnumerateFileSystemEntries(_folder.Path).ShouldBeEmpty();
    }

    private static bool HasFlushed(string output) =>
        output.Split('\n')[..^1].Any(line => JsonSerializer.Deserialize<JsonElement>(line).GetProperty("flushed").GetInt64() > 0);

    private Task<CommandRun> RecordAsync(Service service, params string[] arguments) =>
        CommandRun.WithVariablesAsync(service.Variables, ["record", "--dir", _folder.Path, .. arguments]);

    private RunningCommand Start(Dictionary<string, string> variables, params string[] arguments) =>
        RunningCommand.Start(variables, ["record", "--dir", _folder.Path, .. arguments]);

    private string RecordDay(DateTimeOffset at)
    {
        var before = _folder.Files;
        using var writer = _folder.Write();
        writer.Write("H0UPCNT0", Captured.Index(0), at);
        writer.Flush();
        var path = _folder.Files.Except(before, StringComparer.Ordinal).Single();
        writer.Close();
        return path;
    }
}
