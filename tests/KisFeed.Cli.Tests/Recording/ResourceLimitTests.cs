using System.Diagnostics;
using System.Net;
using KisFeed.Capture;
using KisFeed.Capture.Tests;

namespace KisFeed.Cli.Tests.Recording;

/// <summary>
/// Recording processes at a file size limit (<c>prlimit</c> of Linux) or without their folder: they keep running, report the problem, lose
/// nothing that they could store, and continue afterwards.
/// </summary>
public sealed class ResourceLimitTests : IDisposable
{
    private readonly CaptureFolder _folder = new();

    public void Dispose() => _folder.Dispose();

    [Fact]
    [Trait(TestRun.Length, TestRun.Long)]
    public async Task A_file_at_the_size_limit_is_followed_by_another()
    {
        if (!OperatingSystem.IsLinux())
            return;
        await using var service = await NumberedService.StartAsync(new() { Burst = 20, Pause = TimeSpan.FromMilliseconds(2) });
        await using var recorder = StartRecorder(service);
        await UntilAsync(recorder, status => Number(status, "flushed") > 0);

        await LimitAsync(recorder, "fsize", "65536");
        await UntilAsync(recorder, status => Number(status, "files") > 4 && !status.TryGetProperty("problem", out _));
        await LimitAsync(recorder, "fsize", "0");
        var stuck = await UntilAsync(recorder, status => status.TryGetProperty("problem", out _) && Number(status, "failures") > 3);
        await LimitAsync(recorder, "fsize", "unlimited");
        await UntilAsync(
            recorder, status => !status.TryGetProperty("problem", out _) && Number(status, "flushed") > Number(stuck, "received"));

        await EndAsync(recorder);
        foreach (var file in _folder.Files)
            new FileInfo(file).Length.ShouldBeGreaterThan(0, file);
    }

    [Fact]
    [Trait(TestRun.Length, TestRun.Long)]
    public async Task A_gateway_is_not_ready_while_it_cannot_record()
    {
        if (!OperatingSystem.IsLinux())
            return;
        await using var service = await NumberedService.StartAsync(new() { Burst = 10, Pause = TimeSpan.FromMilliseconds(5) });
        await using var gateway = ProcessRunner.StartKisFeed(
            Service.VariablesFor(service.Url.ToString()),
            [
                "gateway", "--port", "0", "--format", "json", "--insecure-no-tokens", "--record", _folder.Path,
                .. NumberedService.Keys.SelectMany(key => new[] { "--keep", $"{key.TrId}:{key.Key}" }),
            ]);
        var line = await gateway.ReadLineAsync(Patience.Limit);

        using var web =
            new HttpClient { BaseAddress = new Uri(JsonSerializer.Deserialize<JsonElement>(line).GetProperty("rest").GetString()!) };
        await Patience.UntilAsync(() => Task.FromResult(_folder.Files.Length > 1));
        await WaitForReadinessAsync(HttpStatusCode.OK, "ready");

        var days = Directory.GetDirectories(_folder.Path);
        foreach (var day in days)
        {
            Directory.Move(day, $"{day}.aside");
            await File.WriteAllTextAsync(day, "a file where the folder was");
        }

        await WaitForReadinessAsync(HttpStatusCode.ServiceUnavailable, "The gateway is not recording: ");
        foreach (var day in days)
            File.Delete(day);
        await WaitForReadinessAsync(HttpStatusCode.OK, "ready");

        await gateway.SignalAsync("TERM");
        (await gateway.WaitForExitAsync(Patience.Limit)).ShouldBe(ExitCode.DataLost, gateway.Errors);

        async Task WaitForReadinessAsync(HttpStatusCode status, string text) => await Patience.UntilAsync(async () =>
        {
            using var answer = await web.GetAsync(new Uri("/readyz", UriKind.Relative));
            return answer.StatusCode == status && (await answer.Content.ReadAsStringAsync()).Contains(text, StringComparison.Ordinal);
        });
    }

    private static long Number(JsonElement status, string name) => status.GetProperty(name).GetInt64();

    private static async Task<JsonElement> UntilAsync(RunningProcess recorder, Func<JsonElement, bool> condition)
    {
        var begin = Stopwatch.GetTimestamp();
        while (await recorder.TryReadLineAsync(Patience.Limit) is { } line && Stopwatch.GetElapsedTime(begin) < Patience.Limit)
        {
            var status = JsonSerializer.Deserialize<JsonElement>(line);
            if (condition(status))
                return status;
        }

        throw new InvalidOperationException(
            $"it did not come about: {recorder.Errors} {recorder.Output[^Math.Min(recorder.Output.Length, 2_000)..]}");
    }

    // Only the soft limit: the hard limit cannot be raised again.
    private static async Task LimitAsync(RunningProcess process, string resource, string limit) =>
        await ProcessRunner.RunAsync(
            "prlimit", ["--pid", process.Id.ToString(CultureInfo.InvariantCulture), $"--{resource}={limit}:"], Patience.Limit);

    private RunningProcess StartRecorder(NumberedService service, params string[] more) => ProcessRunner.StartKisFeed(
        Service.VariablesFor(service.Url.ToString()),
        [
            "record", .. NumberedService.Keys.Select(key => $"{key.TrId}:{key.Key}"), "--dir", _folder.Path, "--format", "json", "--flush",
            "50ms", .. more,
        ]);

    private async Task EndAsync(RunningProcess recorder)
    {
        await recorder.SignalAsync("TERM");
        var end = await UntilAsync(recorder, status => status.TryGetProperty("ended", out _));
        var exitCode = await recorder.WaitForExitAsync(Patience.Limit);
        (Number(end, "flushed") + Number(end, "dropped"), Number(end, "lost"), Number(end, "lostFiles"))
            .ShouldBe((Number(end, "received"), 0, 0));
        exitCode.ShouldBe(Number(end, "dropped") > 0 ? ExitCode.DataLost : ExitCode.Success, recorder.Errors);
        var (frames, missing) = (0L, 0L);
        await foreach (var item in CaptureReader.Open(_folder.Path).ReadItemsAsync())
        {
            item.Problem.ShouldBeNull();
            frames += item.IsFrame ? 1 : 0;
            missing += item.Event is { Kind: CaptureEventKind.Gap, Frames: { } count } ? count : 0;
        }

        frames.ShouldBe(Number(end, "flushed"));
        (missing > 0).ShouldBe(Number(end, "dropped") > 0);
    }
}
