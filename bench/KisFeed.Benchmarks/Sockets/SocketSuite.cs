using System.Runtime.CompilerServices;
using KisFeed.Benchmarks.Comparing;
using KisFeed.Benchmarks.Serving;
using KisFeed.TestSupport;

namespace KisFeed.Benchmarks.Sockets;

/// <summary>
/// The path of a frame over loopback, from a server in another process to a callback with its record,
/// compared with a loop that only receives.
/// </summary>
internal sealed class SocketSuite : IBenchmarkSuite
{
    private const int FloodRounds = 7;
    private const int PacedRounds = 23;
    private const string Bare = "ClientWebSocket, thrown away";
    private const string PacedSubject = "socket: delay at 5,000 frames a second";
    private const string Typed = "KisFeed, typed callback";

    // The runtime compiles the client's path while it is used; .NET's own WebSocket is already compiled.
    private static readonly TimeSpan s_warmUp = TimeSpan.FromSeconds(6);
    private static readonly TimeSpan s_measured = TimeSpan.FromMilliseconds(500);
    private static readonly TimeSpan s_measuredPaced = TimeSpan.FromMilliseconds(400);

    public string Name => "socket";

    public string Description => "frames a second and delay over loopback, from a server to a typed callback";

    public async IAsyncEnumerable<Comparison> RunAsync(Rounds rounds, [EnumeratorCancellation] CancellationToken cancellationToken)
    {
        List<CandidateResult> rows = [];
        List<Target> targets = [];
        await using (var server = await ServerProcess.StartOwnAsync([ServeCommand.Word, nameof(ServingMode.Index)], cancellationToken))
            await AddFloodAsync("index trades", server.Url, PreparedFrames.OfIndex);
        await using (var server = await ServerProcess.StartOwnAsync([ServeCommand.Word, nameof(ServingMode.Mix)], cancellationToken))
            await AddFloodAsync("mix", server.Url, PreparedFrames.OfAll);
        await using (var server = await ServerProcess.StartKisFeedAsync(
            ["simulate", "--port", "0", "--format", "json", "--rate", "max", "--loop", "--log", "warning", "--duration", "10m"],
            [],
            cancellationToken))
        {
            await AddFloodAsync("simulator", server.Url, PreparedFrames.OfIndex);
        }
        yield return new Comparison(
            "socket: index trades and a mix of feeds in 64 KB writes, and index trades of the simulator at --rate max",
            rows,
            targets,
            ["Only frames that were decoded and passed to callbacks are counted, not dropped ones. The processor time "
                + "includes both threads of a client."]);
        yield return await PacedAsync(rounds, cancellationToken);

        async Task AddFloodAsync(string input, Uri url, PreparedFrames frames)
        {
            var results = await FloodAsync(rounds, $"socket: {input}", url, frames, cancellationToken);
            rows.AddRange(results.Select(result => result with { Name = $"{input}: {result.Name}" }));
            var ratio = results[1][ReaderRound.FramesASecond] / results[0][ReaderRound.FramesASecond];
            targets.Add(new Target($"{input}: frames a second, of the bare loop's", ratio, "×", Bound.AtLeast, 0.85));
        }
    }

    private static Task<IReadOnlyList<CandidateResult>> FloodAsync(
        Rounds rounds,
        string subject,
        Uri url,
        PreparedFrames frames,
        CancellationToken cancellationToken) => rounds.RunAsync(
            subject,
            [
                new Candidate(Bare, ct => ReaderRound.MeasureAsync(() => BareAsync(url, frames, null, ct), null, s_measured, ct)),
                new Candidate(Typed, ct => ReaderRound.MeasureAsync(() => TypedAsync(url, frames, null, ct), null, s_measured, ct)),
            ],
            FloodRounds,
            s_warmUp,
            cancellationToken);

    /// <summary>Measures the delay at a rate, first of the bare loop, then of the library.</summary>
    public static async Task<IReadOnlyList<CandidateResult>> MeasureDelayAsync(
        Rounds rounds, int count, CancellationToken cancellationToken)
    {
        await using var server = await ServerProcess.StartOwnAsync([ServeCommand.Word, nameof(ServingMode.Paced)], cancellationToken);
        var (url, frames) = (server.Url, PreparedFrames.OfIndex);
        return await rounds.RunAsync(
            PacedSubject,
            [
                new Candidate(Bare, ct => MeasurePacedAsync(delays => BareAsync(url, frames, delays, ct), ct)),
                new Candidate(Typed, ct => MeasurePacedAsync(delays => TypedAsync(url, frames, delays, ct), ct)),
            ],
            count,
            cancellationToken);
    }

    private static async Task<Comparison> PacedAsync(Rounds rounds, CancellationToken cancellationToken)
    {
        var results = await MeasureDelayAsync(rounds, PacedRounds, cancellationToken);
        return new Comparison(
            PacedSubject,
            results,
            [new Target(
                "p99 delay, of the bare loop's", results[1][ReaderRound.P99] / results[0][ReaderRound.P99], "×", Bound.AtMost, 1.3)],
            ["From just before the server's send, whose time is in the frame, until the callback or the return of ReceiveAsync."]);
    }

    private static async Task<IFeedReader> BareAsync(Uri url, PreparedFrames frames, Delays? delays, CancellationToken cancellationToken) =>
        await BareReader.StartAsync(url, frames.Registrations, delays, cancellationToken);

    private static async Task<IFeedReader> TypedAsync(
        Uri url, PreparedFrames frames, Delays? delays, CancellationToken cancellationToken) =>
        await TypedReader.StartAsync(url, frames.Registrations, delays, cancellationToken);

    private static Task<IReadOnlyList<Figure>> MeasurePacedAsync(Func<Delays, Task<IFeedReader>> start, CancellationToken cancellationToken)
    {
        var delays = new Delays();
        return ReaderRound.MeasureAsync(() => start(delays), delays, s_measuredPaced, cancellationToken);
    }
}

/// <summary>The counts of a client so far.</summary>
/// <param name="Frames">Processed frames.</param>
/// <param name="Records">Decoded records; <see langword="null"/> if the client does not decode.</param>
/// <param name="Dropped">Dropped frames.</param>
internal sealed record Reading(long Frames, long? Records, long Dropped);

/// <summary>A measured client.</summary>
internal interface IFeedReader : IAsyncDisposable
{
    /// <summary>The counts so far. Thread-safe.</summary>
    Reading Read();
}
