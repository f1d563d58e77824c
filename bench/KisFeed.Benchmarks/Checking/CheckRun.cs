using KisFeed.Benchmarks.Capture;
using KisFeed.Benchmarks.Comparing;
using KisFeed.Benchmarks.Decode;
using KisFeed.Benchmarks.Fanout;
using KisFeed.Benchmarks.Sockets;

namespace KisFeed.Benchmarks.Checking;

/// <summary>Measures the values that have limits. A measurement with a miss is repeated once, and then the second one counts.</summary>
internal sealed class CheckRun(Rounds rounds)
{
    private const int DecodeRounds = 9;
    private const int Consumers = 200;
    private const int BriefConsumers = 20;
    private const int FanoutRounds = 7;
    private const int DelayParts = 5;
    private const int DelayRounds = 3;
    private const int ReadRounds = 3;
    private const int Frames = 100_000;
    private const int BriefFrames = 5_000;

    // Until the code of both servers is optimized.
    private static readonly TimeSpan s_fanoutWarmUp = TimeSpan.FromSeconds(4);

    /// <summary>Measures everything, within a minute if nothing misses its limit.</summary>
    public async IAsyncEnumerable<CheckResult> RunAsync(
        [System.Runtime.CompilerServices.EnumeratorCancellation] CancellationToken cancellationToken)
    {
        foreach (var measureAsync in (Func<CancellationToken, Task<IReadOnlyList<CheckResult>>>[])[DecodeAsync, FanoutAsync, RecordAsync,
            DelayAsync, ReadAsync])
        {
            foreach (var result in await MeasureAsync(measureAsync, isRepeated: !rounds.IsBrief, cancellationToken))
                yield return result;
        }
    }

    /// <summary>Measures once, and once more if a limit is missed.</summary>
    public static async Task<IReadOnlyList<CheckResult>> MeasureAsync(
        Func<CancellationToken, Task<IReadOnlyList<CheckResult>>> measureAsync, bool isRepeated, CancellationToken cancellationToken)
    {
        var first = await measureAsync(cancellationToken);
        if (!isRepeated || first.All(r => r.Holds))
            return first;
        var second = await measureAsync(cancellationToken);
        return [.. second.Zip(first, static (result, before) => result with { Missed = before.Value })];
    }

    private async Task<IReadOnlyList<CheckResult>> DecodeAsync(CancellationToken cancellationToken)
    {
        var work = DecodeOnceCommand.IndexWork();
        Candidate[] candidates = [.. work.Candidates.Where(c => c.Name is DecodeNames.Typed or DecodeNames.Scan)];
        var results = await rounds.RunAsync("decode", candidates, DecodeRounds, TimedLoop.WarmUp, cancellationToken);
        return [new(Limits.Decode, results.First(r => r.Name == DecodeNames.Typed)[DecodeNames.Frame]
            / results.First(r => r.Name == DecodeNames.Scan)[DecodeNames.Frame])];
    }

    private async Task<IReadOnlyList<CheckResult>> FanoutAsync(CancellationToken cancellationToken)
    {
        var results = await FanoutSuite.MeasureDeliveriesAsync(
            rounds, rounds.IsBrief ? BriefConsumers : Consumers, FanoutRounds, s_fanoutWarmUp, cancellationToken);
        return
        [
            new(Limits.Fanout, results[0][FanoutSuite.Deliveries] / results[1][FanoutSuite.Deliveries]),
            new(Limits.FanoutProcessor, results[0][FanoutSuite.Processor] / results[1][FanoutSuite.Processor]),
        ];
    }

    private async Task<IReadOnlyList<CheckResult>> RecordAsync(CancellationToken cancellationToken)
    {
        var folder = Directory.CreateTempSubdirectory("kisfeed-check-");
        try
        {
            var results = await CaptureSuite.MeasureRecordingAsync(rounds, folder.FullName, cancellationToken);
            return
            [
                new(Limits.RecordCores, results[1][ReaderRound.Cores] - results[0][ReaderRound.Cores]),
                new(Limits.RecordAllocated, results[1][ReaderRound.Allocated]),
            ];
        }
        finally
        {
            folder.Delete(recursive: true);
        }
    }

    // The least disturbed part of each counts: on a shared machine a pause of milliseconds decides the 99th percentile of a whole part.
    private async Task<IReadOnlyList<CheckResult>> DelayAsync(CancellationToken cancellationToken)
    {
        var (bare, typed) = (double.PositiveInfinity, double.PositiveInfinity);
        for (var part = 0; part < (rounds.IsBrief ? 1 : DelayParts); part++)
        {
            var results = await SocketSuite.MeasureDelayAsync(rounds, DelayRounds, cancellationToken);
            bare = Math.Min(bare, results[0][ReaderRound.P99]);
            typed = Math.Min(typed, results[1][ReaderRound.P99]);
        }

        return [new(Limits.Delay, typed / bare)];
    }

    private async Task<IReadOnlyList<CheckResult>> ReadAsync(CancellationToken cancellationToken)
    {
        var folder = Directory.CreateTempSubdirectory("kisfeed-check-");
        try
        {
            var files = new CaptureFiles(folder.FullName, SimulatedFrames.Make(rounds.IsBrief ? BriefFrames : Frames));
            files.WriteCapture();
            var results = await rounds.RunAsync(
                "capture", [new Candidate("KisFeed, frames in order", files.ReadCaptureAsync)], ReadRounds, cancellationToken);
            return [new(Limits.ReadAllocated, results[0][CaptureFiles.Allocated])];
        }
        finally
        {
            folder.Delete(recursive: true);
        }
    }
}
