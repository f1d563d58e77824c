using KisFeed.Capture.Tests;
using KisFeed.Cli.Tests.Loading;
using Captured = KisFeed.Capture.Tests.Ticks;

namespace KisFeed.Cli.Tests.Storing;

/// <summary>
/// Kills the command (SIGKILL) again and again while it stores a capture that grows: during its start, and while it stores.
/// <c>KISFEED_KILLS</c> is the number of kills, <c>KISFEED_KILL_SEED</c> the seed of their times.
/// </summary>
[Collection(nameof(Postgres))]
[Trait(TestRun.Length, TestRun.Long)]
public sealed class SinkKillTests(Postgres postgres, ITestOutputHelper report) : IDisposable
{
    private const int Kills = 15;
    private const int Burst = 100; // Far slower than the sink, which is killed most of the time.
    private const string Schema = "killed";

    private static readonly TimeSpan s_pause = TimeSpan.FromMilliseconds(10);

    private readonly CaptureFolder _folder = new();

    public void Dispose() => _folder.Dispose();

    [Fact]
    public async Task After_kills_at_any_time_every_record_is_stored_once()
    {
        var kills = TestRun.Of(Kills, "KISFEED_KILLS");
        var seed = TestRun.SeedFrom("KISFEED_KILL_SEED");
        var random = new Random(seed);
        using var ending = new CancellationTokenSource();
        var recording = RecordAsync(ending.Token);
        var stored = 0;
        for (var i = 0; i < kills; i++)
        {
            await using var sink = Start();
            if (random.Next(4) > 0)
            {
                await WaitUntilStoredAsync(sink);
                stored++;
            }

            await Task.Delay(random.Next(1200), CancellationToken.None);
            await sink.KillAsync();
        }

        await ending.CancelAsync();
        var frames = await recording;
        await using (var last = Start("--once"))
            (await last.WaitForExitAsync(Patience.Limit)).ShouldBe(ExitCode.Success, last.Report);

        (await postgres.QueryAsync($"SELECT accumulated_volume, key, id FROM {Schema}.index_trade ORDER BY id"))
            .ShouldBe(Enumerable.Range(0, frames).Select(i => string.Create(CultureInfo.InvariantCulture, $"{i}|{KeyOf(i)}|"
                + $"{Captured.At(i).UtcTicks - DateTime.UnixEpoch.Ticks}")), $"KISFEED_KILL_SEED={seed} KISFEED_KILLS={kills}");
        (await postgres.QueryAsync($"SELECT count(*) FROM {Schema}.malformed")).ShouldBe(["0"]);
        (await postgres.QueryAsync($"SELECT sum(rows) FROM {Schema}.checkpoint")).ShouldBe([frames.ToString(CultureInfo.InvariantCulture)]);
        report.WriteLine(string.Create(CultureInfo.InvariantCulture, $"seed {seed}: {kills} kills, {stored} of them after records had been "
            + $"stored; {frames} records in {_folder.Files.Length} files"));
    }

    private static string KeyOf(int number) => number % 3 == 0 ? "1001" : "0001";

    private static async Task WaitUntilStoredAsync(RunningProcess sink)
    {
        while (await sink.TryReadLineAsync(Patience.Limit) is { } line)
        {
            if (JsonSerializer.Deserialize<JsonElement>(line).GetProperty("records").GetInt64() > 0)
                return;
        }

        throw sink.Failure("it stored nothing");
    }

    private RunningProcess Start(params string[] more) =>
        ProcessRunner.StartKisFeed(["sink", _folder.Path, postgres.Address, "--schema", Schema, "--format", "json", .. more]);

    private async Task<int> RecordAsync(CancellationToken cancellationToken)
    {
        using var writer = _folder.Write(options => options with { MaxFileBytes = 1 << 16 });
        var frames = 0;
        while (!cancellationToken.IsCancellationRequested)
        {
            for (var end = frames + Burst; frames < end; frames++)
                writer.Write("H0UPCNT0", Captured.Index(frames, KeyOf(frames)), Captured.At(frames));
            writer.Flush();
            await Task.Delay(s_pause, cancellationToken).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        }

        writer.Close();
        return frames;
    }
}
