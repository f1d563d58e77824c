using System.Diagnostics;
using System.Globalization;
using System.Text;
using KisFeed.Capture;
using KisFeed.Capture.Tests;
using KisFeed.Feeds;
using KisFeed.PostgreSql.Tests.Staging;
using KisFeed.TestSupport;
using KisFeed.Wire;

namespace KisFeed.PostgreSql.Tests;

/// <summary>
/// At random steps of transactions the server is killed, sinks are killed, or exceptions are thrown, or the disk of the database is full
/// after a random number of pages, while recorders start and end: every record of the capture is stored exactly once, as it was received.
/// <c>KISFEED_SINK_CRASHES</c> is the number of crashes, <c>KISFEED_SINK_CRASH_SEED</c> the seed of their times.
/// </summary>
[Trait(TestRun.Length, TestRun.Long)]
public sealed class CrashTests(Database database, ITestOutputHelper report) : SinkTest(database), IClassFixture<Database>
{
    private const int Crashes = 50;
    private const int RoundsOfADay = 8;
    private const int DiskMegabytes = 128;
    private const int Page = 8192;

    private static readonly FeedSchema[] s_feeds = [.. KisFeeds.Catalog.Feeds.Where(feed => !feed.IsNotice)];

    private SmallDisk? _disk;
    private int _frames;
    private int _records;
    private ExpectedRows _unverified = new();
    private DateTimeOffset _unverifiedFrom = Ticks.Opening;
    private DateTimeOffset _lastAt;

    private enum Crash
    {
        ServerKilled,
        SinkKilled,
        DiskFull,
        Exception,
    }

    [Fact]
    public async Task Every_record_is_stored_exactly_once_whatever_crashes()
    {
        var crashes = TestRun.Of(Crashes, "KISFEED_SINK_CRASHES");
        var seed = TestRun.SeedFrom("KISFEED_SINK_CRASH_SEED");
        var random = new Random(seed);
        await using var disk = _disk = await SmallDisk.TryMountAsync(Database, DiskMegabytes);
        if (disk is null)
            report.WriteLine("cannot mount a file system here; its disk is never full");
        var watch = Stopwatch.StartNew();
        var reached = new List<Crash>();
        var round = 0;
        for (; reached.Count < crashes; round++)
        {
            var plan = CrashPlan.Next(random, canFillDisk: disk is not null);
            try
            {
                round.ShouldBeLessThan(10 + (crashes * 5), "few crashes are reached");
                WriteFrames(random, round);
                if (await CrashAsync(plan))
                    reached.Add(plan.Crash);
            }
            catch (Exception e)
            {
                throw new InvalidOperationException(string.Create(CultureInfo.InvariantCulture, $"KISFEED_SINK_CRASH_SEED={seed} "
                    + $"KISFEED_SINK_CRASHES={crashes}, round {round} {plan}: {e.Message}\n"
                    + $"{string.Join('\n', Log.Entries.TakeLast(20))}"), e);
            }
        }

        var status = await StoreAsync();
        report.WriteLine(string.Create(CultureInfo.InvariantCulture, $"seed {seed}: {reached.Count} crashes in {round} rounds "
            + $"({string.Join(", ", reached.CountBy(crash => crash).Select(crash => $"{crash.Key} {crash.Value}"))}), {_records} records "
            + $"in {Folder.Files.Length} files, {watch.Elapsed.TotalSeconds:0} s"));
        status.Feeds.Sum(feed => feed.Records).ShouldBe(_records, $"KISFEED_SINK_CRASH_SEED={seed}");
        status.Duplicates.ShouldBe(0);
        await ShouldHaveFilesAsync(Folder.Files);
        Log.Messages.ShouldNotContain(message => message.Id == 2205 || message.Id == 2206, "no row was sent twice");
        await ShouldEqualAsync(await ReadCaptureAsync(), Ticks.Opening);
        (await QueryAsync("SELECT count(*) FROM malformed")).ShouldBe(["0"]);
        if (disk is not null)
            await disk.RemoveAsync(Schema);
    }

    // One recorder, with some records of some feeds, in blocks of some lines.
    private void WriteFrames(Random random, int round)
    {
        using var writer = Folder.Write(options => options with { MaxFileBytes = 1 << 16 });
        var before = _unverified.Count;
        var frames = new List<(FeedSchema Feed, string Text)>();
        foreach (var feed in random.GetItems(s_feeds, random.Next(3, 9)).Distinct())
        {
            var texts = GeneratedFrames.Of(feed, random.Next()).ToList();
            for (var copies = random.Next(1, 5); copies > 0; copies--)
                frames.AddRange(texts.Select(text => (feed, text)));
        }

        random.Shuffle(System.Runtime.InteropServices.CollectionsMarshal.AsSpan(frames));
        foreach (var (feed, text) in frames)
        {
            _lastAt = Ticks.At(_frames++).AddDays(round / RoundsOfADay);
            writer.Write(feed.TrId, Encoding.UTF8.GetBytes(text), _lastAt);
            _unverified.Add(feed, text, _lastAt);
            if (random.Next(20) == 0)
                writer.Flush();
        }

        writer.Close();
        _records += _unverified.Count - before;
    }

    // Returns whether the crash was reached before everything was stored.
    private async Task<bool> CrashAsync(CrashPlan plan)
    {
        var reached = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        var resume = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        var left = plan.Occurrence;
        if (plan.Crash == Crash.DiskFull)
            _disk!.Fill(plan.FreePages * Page);
        var sink = PostgreSqlSink.Start(Options with
        {
            ConnectionString = _disk?.ConnectionString ?? Database.ConnectionString,
            Follow = true,
            MaxBatchText = plan.BatchText,
            MaxCopyChunk = plan.CopyChunk,
            OnStep = step =>
            {
                if (plan.Crash == Crash.DiskFull || step != plan.Step || Interlocked.Decrement(ref left) != 0)
                    return Task.CompletedTask;
                reached.TrySetResult();
                return plan.Crash == Crash.Exception ? throw new InvalidOperationException("simulated bug") : resume.Task;
            },
        });
        await Patience.UntilAsync(() => sink.Completion.IsCompleted || reached.Task.IsCompleted || IsDone(sink) || IsDiskFull(sink, plan));
        var isReached = reached.Task.IsCompleted || IsDiskFull(sink, plan);
        if (isReached && plan.Crash == Crash.SinkKilled)
        {
            // The sink itself stays in its step for ever, as after a kill its connection ends.
            await Database.QueryAsync("SELECT pg_terminate_backend(pid, 10000) FROM pg_stat_activity WHERE application_name = 'kisfeed'");
            return true;
        }

        if (isReached && plan.Crash == Crash.ServerKilled)
        {
            await Database.Server.KillAsync();
            await Database.Server.RestartAsync();
            resume.SetResult();
        }

        _disk?.Free();
        await Patience.UntilAsync(() => sink.Completion.IsCompleted || IsDone(sink));
        await sink.DisposeAsync();
        await sink.Completion;
        sink.Status.Problem.ShouldBeNull();
        await ShouldEqualAsync(_unverified, _unverifiedFrom);
        (_unverified, _unverifiedFrom) = (new ExpectedRows(), _lastAt.AddTicks(1));
        return isReached;
    }

    private static bool IsDiskFull(PostgreSqlSink sink, CrashPlan plan) =>
        plan.Crash == Crash.DiskFull
        && sink.Status.Failures >= plan.Occurrence
        && sink.Status.Problem?.Contains("53100", StringComparison.Ordinal) == true;

    private bool IsDone(PostgreSqlSink sink) => sink.Status.Feeds.Sum(feed => feed.Records) >= _records;

    private async Task<ExpectedRows> ReadCaptureAsync()
    {
        var rows = new ExpectedRows();
        await foreach (var frame in CaptureReader.Open(Folder.Path).ReadFramesAsync())
        {
            DataFrame.TryParse(frame.Bytes.Span, out var data, out _).ShouldBeTrue();
            KisFeeds.Catalog.TryGet(data.TrId, out var feed).ShouldBeTrue();
            rows.Add(feed!, Encoding.UTF8.GetString(frame.Bytes.Span), frame.ReceivedAt);
        }

        return rows;
    }

    private async Task ShouldEqualAsync(ExpectedRows expected, DateTimeOffset from)
    {
        foreach (var table in expected.TableNames)
        {
            var rows = await QueryAsync(string.Create(
                CultureInfo.InvariantCulture,
                $"SELECT row_to_json(t) FROM {table} t WHERE id >= {from.UtcTicks - DateTime.UnixEpoch.Ticks} ORDER BY id, record"));
            rows.Length.ShouldBe(expected[table].Count, table);
            rows.Select(ExpectedRows.Normalize).SequenceEqual(expected[table], StringComparer.Ordinal)
                .ShouldBeTrue($"the rows of {table} differ");
        }
    }

    private sealed record CrashPlan(Crash Crash, SinkStep Step, int Occurrence, int FreePages, int BatchText, int CopyChunk)
    {
        public static CrashPlan Next(Random random, bool canFillDisk)
        {
            var crash = (Crash)random.Next(4);
            if (crash == Crash.DiskFull && !canFillDisk)
                crash = Crash.ServerKilled;

            // Half of the crashes are in the middle of a COPY.
            var step = random.Next(2) == 0 ? SinkStep.Copying : (SinkStep)random.Next(6);
            if (step == SinkStep.Read && crash != Crash.DiskFull)
                crash = Crash.Exception;
            var occurrence = crash != Crash.DiskFull && step == SinkStep.Copying ? random.Next(1, 40) : random.Next(1, 4);
            return new CrashPlan(crash, step, occurrence, random.Next(40), random.Next(2_000, 60_000), random.Next(300, 6_000));
        }
    }
}
