using System.Diagnostics;
using KisFeed.Capture.Tests;

namespace KisFeed.Cli.Tests.Recording;

/// <summary>
/// Kills the command repeatedly while it records a service at full speed into one folder: during its start and the repair of earlier files,
/// while it writes, and when it starts a new file. <c>KISFEED_KILLS</c> is the number of kills, <c>KISFEED_KILL_SEED</c> the seed of their
/// times, <c>KISFEED_KILL_FLUSH</c> the flush interval in milliseconds.
/// </summary>
public sealed class KillTests(ITestOutputHelper report) : IDisposable
{
    private const int Kills = 12;
    private const int FewKills = 3;

    private const int FlushInterval = 200;

    private readonly int _flushInterval = Number("KISFEED_KILL_FLUSH") ?? FlushInterval;

    private readonly CaptureFolder _folder = new();
    private readonly List<double> _ages = [];

    private int _reached;
    private int _recovered;
    private int _torn;
    private long _frames;

    public void Dispose() => _folder.Dispose();

    [Fact]
    [Trait(TestRun.Length, TestRun.Long)]
    public async Task After_a_kill_at_any_time_all_flushed_data_exist_and_the_next_recorder_continues()
    {
        var kills = Number("KISFEED_KILLS") ?? (TestRun.IsFull ? Kills : FewKills);
        var seed = TestRun.SeedFrom("KISFEED_KILL_SEED");
        var random = new Random(seed);
        var begin = Stopwatch.GetTimestamp();
        var killed = 0;
        try
        {
            await using var service = await NumberedService.StartAsync(new() { Burst = 100, Pause = TimeSpan.FromMilliseconds(1) });
            var verifier = new CaptureVerifier(_folder.Path);
            for (; killed < kills; killed++)
                await KillAsync(service, verifier, random);
            await EndAsync(service, verifier);
        }
        catch (Exception e)
        {
            throw new InvalidOperationException(
                string.Create(
                    CultureInfo.InvariantCulture, $"KISFEED_KILL_SEED={seed} KISFEED_KILLS={kills}, after {killed} kills: {e.Message}"),
                e);
        }

        _ages.Sort();
        report.WriteLine(string.Create(
            CultureInfo.InvariantCulture,
            $"seed {seed}: {killed} kills, {_reached} of them after the first flush, "
                + $"in {Stopwatch.GetElapsedTime(begin).TotalSeconds:F0} s; {_frames} frames in {_folder.Files.Length} files; "
                + $"{_recovered} files put in order, {_torn} torn ends cut off; what is missing was sent {Age(0.5):F0} ms before the "
                + $"kill or later, {Age(0.9):F0} ms in the worst tenth, {Age(1):F0} ms at most"));
    }

    private static int? Number(string variable) =>
        Environment.GetEnvironmentVariable(variable) is { Length: > 0 } text ? int.Parse(text, CultureInfo.InvariantCulture) : null;

    private static async Task WaitUntilFlushedAsync(RunningProcess recorder)
    {
        while (await recorder.TryReadLineAsync(Patience.Limit) is { } line)
        {
            if (FlushedOf(line) > 0)
                return;
        }

        throw new InvalidOperationException($"it has flushed nothing: {recorder.Output}{recorder.Errors}");
    }

    private static long? FlushedOf(string line)
    {
        // The last line may be incomplete.
        if (!line.EndsWith("]}", StringComparison.Ordinal))
            return null;
        var status = JsonSerializer.Deserialize<JsonElement>(line);
        status.GetProperty("dropped").GetInt64().ShouldBe(0);
        status.GetProperty("failures").GetInt64().ShouldBe(0);
        return status.GetProperty("flushed").GetInt64();
    }

    private double Age(double part) => _ages.Count > 0 ? _ages[(int)((_ages.Count - 1) * part)] : 0;

    private RunningProcess Start(NumberedService service, params string[] more) => ProcessRunner.StartKisFeed(
        Service.VariablesFor(service.Url.ToString()),
        [
            "record", .. NumberedService.Keys.Select(key => $"{key.TrId}:{key.Key}"), "--dir", _folder.Path, "--format", "json", "--flush",
            string.Create(CultureInfo.InvariantCulture, $"{_flushInterval}ms"), "--max-file-size", "128K", .. more,
        ]);

    private async Task KillAsync(NumberedService service, CaptureVerifier verifier, Random random)
    {
        var before = service.Connections;
        await using var recorder = Start(service);
        await WaitForKillTimeAsync(recorder, random);
        var killedAt = DateTimeOffset.UtcNow;
        await recorder.KillAsync();

        var open = verifier.Open;
        var added = verifier.Compare();
        var flushed = recorder.Output.Split('\n', StringSplitOptions.RemoveEmptyEntries).Max(FlushedOf);
        service.Connections.ShouldBeLessThanOrEqualTo(before + 1);
        var missing = Check(service, before, added, flushed ?? 0);
        CheckRecovery(recorder, open, hasStarted: flushed is not null);
        if (flushed > 0)
        {
            _reached++;
            _ages.Add((killedAt - (service.SentAt(before, missing) ?? killedAt)).TotalMilliseconds);
        }

        // A kill rarely interrupts a write, but a loss of power does.
        if (random.Next(3) == 0)
            verifier.AppendPartialBlock(random);
    }

    private async Task WaitForKillTimeAsync(RunningProcess recorder, Random random)
    {
        var moment = random.Next(4);
        if (moment == 0)
        {
            // During start, repair, connection and registration.
            await Task.Delay(random.Next(700));
            return;
        }

        await WaitUntilFlushedAsync(recorder);
        if (moment == 1)
        {
            // When a new file has just been started.
            var files = _folder.Files.Length;
            while (_folder.Files.Length == files)
                await Task.Delay(1);
            SpinWait.SpinUntil(() => false, TimeSpan.FromMilliseconds(random.NextDouble() * 5));
            return;
        }

        await Task.Delay(random.Next(3 * _flushInterval));
    }

    // Checks that each feed has all sent frames exactly once, at least up to the flushed ones. Returns the first missing frame.
    private int Check(NumberedService service, int connection, Dictionary<string, List<string>> added, long flushed)
    {
        var missing = int.MaxValue;
        foreach (var (feed, lines) in added.Where(feed => feed.Value.Count > 0))
        {
            lines[0].ShouldSatisfyAllConditions(
                line => line.ShouldContain("\"event\":\"capture\"", Case.Sensitive, feed),
                line => line.ShouldEndWith("\"start\":true}", Case.Sensitive, feed));
        }
        foreach (var feed in NumberedService.Keys.Select(key => key.TrId).Distinct(StringComparer.Ordinal))
        {
            var frames = added.GetValueOrDefault(feed, []).FindAll(line => line[0] != '#');
            var next = NextOf(feed, connection, 0);
            foreach (var line in frames)
            {
                line[29..].ShouldBe(NumberedService.Frame(connection, next), $"frame {next} on connection {connection}");
                next = NextOf(feed, connection, next + 1);
            }

            _frames += frames.Count;
            next.ShouldBeGreaterThanOrEqualTo((int)flushed, $"{feed} on connection {connection}");
            if (frames.Count > 0)
                NumberedService.NumberOf(Encoding.UTF8.GetBytes(frames[^1][29..])).Number.ShouldBeLessThan(service.SentOn(connection));
            missing = Math.Min(missing, next);
        }

        return missing;
    }

    private static int NextOf(string feed, int connection, int number)
    {
        while (NumberedService.IsOf(connection, number, NumberedService.Bond) != (feed == "H0BJCNT0"))
            number++;
        return number;
    }

    // A recorder that has reported progress has completed and reported the repair.
    private void CheckRecovery(RunningProcess recorder, IReadOnlyList<(string Path, int Torn)> open, bool hasStarted)
    {
        if (!hasStarted)
            return;
        recorder.Errors.Split('\n').Count(line => line.Contains("was not closed by an earlier recorder", StringComparison.Ordinal))
            .ShouldBe(open.Count, recorder.Errors);
        foreach (var (path, torn) in open)
        {
            recorder.Errors.ShouldContain(torn > 0
                ? $"{path} was not closed by an earlier recorder: {torn} incomplete bytes were cut off its end"
                : $"{path} was not closed by an earlier recorder; it is complete");
        }
        _recovered += open.Count;
        _torn += open.Count(file => file.Torn > 0);
    }

    private async Task EndAsync(NumberedService service, CaptureVerifier verifier)
    {
        var before = service.Connections;
        await using var last = Start(service);
        await WaitUntilFlushedAsync(last);
        await last.SignalAsync("TERM");
        (await last.WaitForExitAsync(Patience.Limit)).ShouldBe(ExitCode.Success, last.Errors);
        Check(service, before, verifier.Compare(), last.Output.Split('\n', StringSplitOptions.RemoveEmptyEntries).Max(FlushedOf) ?? 0);
        verifier.ShouldBeInOrder();
    }
}
