using System.Globalization;
using KisFeed.PostgreSql.Tests.Staging;
using KisFeed.Testing;
using Xunit.Abstractions;

namespace KisFeed.PostgreSql.Tests;

/// <summary>
/// The server is killed, and sinks are aborted, at random steps of transactions, while recorders start and end: each record is stored exactly once.
/// <c>KISFEED_SINK_CRASHES</c> is the number of crashes, <c>KISFEED_SINK_CRASH_SEED</c> the seed of their times.
/// </summary>
public sealed class CrashTests(Database database, ITestOutputHelper report) : SinkTest(database), IClassFixture<Database>
{
    private const int Crashes = 50;

    private enum Crash
    {
        ServerKilled,
        SinkKilled,
        Exception,
    }

    [Fact]
    public async Task Each_record_is_stored_exactly_once_whatever_crashes()
    {
        var crashes = TestRun.Of(Crashes, "KISFEED_SINK_CRASHES");
        var seed = TestRun.SeedFrom("KISFEED_SINK_CRASH_SEED");
        var random = new Random(seed);
        var written = 0;
        var reached = 0;
        for (var i = 0; i < crashes; i++)
        {
            var count = random.Next(300, 2500);
            WriteIndexTrades(written, count, options => options with { MaxFileBytes = 1 << 16 });
            written += count;
            var plan = new CrashPlan((SinkStep)random.Next(5), random.Next(1, 5), (Crash)random.Next(3));
            try
            {
                reached += await CrashAsync(plan, written, random.Next(2_000, 60_000)) ? 1 : 0;
            }
            catch (Exception e)
            {
                throw new InvalidOperationException(string.Create(CultureInfo.InvariantCulture, $"KISFEED_SINK_CRASH_SEED={seed} KISFEED_SINK_CRASHES={crashes}, crash {i} {plan}: {e.Message}\n{string.Join('\n', Log.Entries.TakeLast(20))}"), e);
            }
        }

        var status = await StoreAsync();
        report.WriteLine(string.Create(CultureInfo.InvariantCulture, $"seed {seed}: {reached} crashes, {written} records in {Folder.Files.Length} files"));
        status.Feeds.Single().Records.ShouldBe(written);
        status.Duplicates.ShouldBe(0);
        await ShouldHaveIndexTradesAsync(written);
        await ShouldHaveFilesAsync(Folder.Files);
        Log.Messages.ShouldNotContain(message => message.Id == 2205 || message.Id == 2206, "no row was sent twice");
    }

    // Returns whether the step was reached before everything was stored.
    private async Task<bool> CrashAsync(CrashPlan plan, int written, int batchText)
    {
        var reached = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        var resume = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        var left = plan.Occurrence;
        var sink = PostgreSqlSink.Start(Options with
        {
            Follow = true,
            MaxBatchText = batchText,
            OnStep = step =>
            {
                if (step != plan.Step || Interlocked.Decrement(ref left) != 0)
                    return Task.CompletedTask;
                reached.TrySetResult();
                return plan.Crash == Crash.Exception ? throw new InvalidOperationException("simulated bug") : resume.Task;
            },
        });
        var done = Patience.UntilAsync(() => Task.FromResult(sink.Completion.IsCompleted || reached.Task.IsCompleted || IsDone(sink, written)));
        await done;
        if (!reached.Task.IsCompleted)
        {
            await sink.DisposeAsync();
            return false;
        }

        if (plan.Crash == Crash.SinkKilled)
        {
            // The sink itself stays in its step for ever, as after a kill its connection ends.
            await Database.QueryAsync("SELECT pg_terminate_backend(pid, 10000) FROM pg_stat_activity WHERE application_name = 'kisfeed'");
            return true;
        }

        if (plan.Crash == Crash.ServerKilled)
        {
            await Database.Server.KillAsync();
            await Database.Server.RestartAsync();
            resume.SetResult();
        }

        await Patience.UntilAsync(() => Task.FromResult(sink.Completion.IsCompleted || IsDone(sink, written)));
        await sink.DisposeAsync();
        await sink.Completion;
        sink.Status.Problem.ShouldBeNull();
        await ShouldHaveIndexTradesAsync(written);
        return true;
    }

    private static bool IsDone(PostgreSqlSink sink, int written) => sink.Status.Feeds is [var feed] && feed.Records >= written;

    private sealed record CrashPlan(SinkStep Step, int Occurrence, Crash Crash);
}
