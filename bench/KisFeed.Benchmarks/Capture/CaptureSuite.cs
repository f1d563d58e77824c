using System.Globalization;
using System.Runtime.CompilerServices;
using KisFeed.Benchmarks.Comparing;
using KisFeed.Benchmarks.Serving;
using KisFeed.Benchmarks.Sockets;
using KisFeed.TestSupport;

namespace KisFeed.Benchmarks.Capture;

/// <summary>
/// Writing and reading captures, compared with plain files of the same lines; recording at a realistic
/// rate; and the throughput of a replay.
/// </summary>
internal sealed class CaptureSuite : IBenchmarkSuite
{
    private const int FileRounds = 3;
    private const int LiveRounds = 3;
    private const int FramesInFile = 200_000;
    private const int BriefFrames = 5_000;
    private const double RecordedRate = 100_000;
    private const string RecordSubject = "capture: recording 100,000 frames a second, over loopback";
    private const string Plain = "FileStream";
    private const string Zipped = "GZipStream, fastest";
    private const string Ours = "KisFeed, as the recorder is set";
    private const string OursFast = "KisFeed, fastest, not synced";

    private static readonly TimeSpan s_recorded = TimeSpan.FromSeconds(1.5);
    private static readonly TimeSpan s_replayed = TimeSpan.FromMilliseconds(500);

    // A replay starts after its client has registered, and opens files first.
    private static readonly TimeSpan s_lead = TimeSpan.FromMilliseconds(400);

    public string Name => "capture";

    public string Description => "frames a second written, read, recorded and replayed";

    public async IAsyncEnumerable<Comparison> RunAsync(Rounds rounds, [EnumeratorCancellation] CancellationToken cancellationToken)
    {
        var folder = Directory.CreateTempSubdirectory("kisfeed-capture-");
        try
        {
            var files = new CaptureFiles(folder.FullName, SimulatedFrames.Make(rounds.IsBrief ? BriefFrames : FramesInFile));
            yield return await WriteAsync(rounds, files, cancellationToken);
            yield return await ReadAsync(rounds, files, cancellationToken);
            yield return await RecordAsync(rounds, folder.FullName, cancellationToken);
            await using (var server = await ServerProcess.StartKisFeedAsync(
                ["replay", files.Capture, "--speed", "max", "--loop", "--wait", "1", "--port", "0", "--format", "json", "--log", "warning"],
                [],
                cancellationToken))
            {
                yield return await ReplayAsync(rounds, server.Url, cancellationToken);
            }
        }
        finally
        {
            folder.Delete(recursive: true);
        }
    }

    private static async Task<Comparison> WriteAsync(Rounds rounds, CaptureFiles files, CancellationToken cancellationToken)
    {
        const string Subject = "capture: writing frames with their times";
        var results = await rounds.RunAsync(
            Subject,
            [
                new Candidate(Plain, _ => Task.FromResult(files.WritePlain())),
                new Candidate(Zipped, _ => Task.FromResult(files.WriteZipped())),
                new Candidate(Ours, _ => Task.FromResult(files.WriteCapture())),
                new Candidate(OursFast, _ => Task.FromResult(files.WriteCaptureFast())),
            ],
            FileRounds,
            cancellationToken);
        return new Comparison(Subject, results, [], ["A recorder compresses blocks that can be verified and recovered separately, "
            + "indexes them, and flushes them to the disk. A plain file does none of this."]);
    }

    private static async Task<Comparison> ReadAsync(Rounds rounds, CaptureFiles files, CancellationToken cancellationToken)
    {
        const string Subject = "capture: reading frames with their times";
        var results = await rounds.RunAsync(
            Subject,
            [
                new Candidate(Plain + ", lines counted", _ => Task.FromResult(files.ReadPlain())),
                new Candidate("GZipStream, lines counted", _ => Task.FromResult(files.ReadZipped())),
                new Candidate("KisFeed, frames in order", files.ReadCaptureAsync),
            ],
            FileRounds,
            cancellationToken);
        return new Comparison(Subject, results, [], []);
    }

    /// <summary>Measures clients at a realistic rate, first one that discards the frames, then one that records them.</summary>
    public static async Task<IReadOnlyList<CandidateResult>> MeasureRecordingAsync(
        Rounds rounds, string folder, CancellationToken cancellationToken)
    {
        const string Without = "client that throws away";
        const string With = "client that records";
        await using var server = await ServerProcess.StartOwnAsync([ServeCommand.Word, nameof(ServingMode.PacedPieces)], cancellationToken);
        var (url, registrations) = (server.Url, PreparedFrames.OfIndex.Registrations);
        return await rounds.RunAsync(
            RecordSubject,
            [
                new Candidate(
                    Without,
                    ct => ReaderRound.MeasureAsync(async () => await TapReader.StartAsync(url, registrations, ct), null, s_recorded, ct)),
                new Candidate(With, ct => ReaderRound.MeasureAsync(
                    async () => await RecordingReader.StartAsync(url, registrations, folder, ct), null, s_recorded, ct)),
            ],
            LiveRounds,
            cancellationToken);
    }

    private static async Task<Comparison> RecordAsync(Rounds rounds, string folder, CancellationToken cancellationToken)
    {
        var results = await MeasureRecordingAsync(rounds, folder, cancellationToken);
        var (client, whole) = (results[0][ReaderRound.Cores], results[1][ReaderRound.Cores]);
        return new Comparison(
            RecordSubject,
            results,
            [
                new Target("cores that recording costs, above the client without it", whole - client, "", Bound.AtMost, 0.5),
                new Target(
                    "frames recorded, of 100,000 a second", results[1][ReaderRound.FramesASecond] / RecordedRate, "×", Bound.AtLeast, 0.99),
                new Target("frames dropped", results[1][ReaderRound.Dropped], "%", Bound.AtMost, 0),
            ],
            [string.Create(
                CultureInfo.InvariantCulture,
                $"The recording process used {whole:0.00} cores; the same client without recording used {client:0.00}.")]);
    }

    private static async Task<Comparison> ReplayAsync(Rounds rounds, Uri url, CancellationToken cancellationToken)
    {
        const string Subject = "capture: replay at full speed, over loopback";
        var registrations = PreparedFrames.OfIndex.Registrations;
        var results = await rounds.RunAsync(
            Subject,
            [
                new Candidate("ClientWebSocket, thrown away", ct => ReaderRound.MeasureAsync(
                    async () => await BareReader.StartAsync(url, registrations, null, ct), null, s_replayed, ct, s_lead)),
                new Candidate("KisFeed, typed callback", ct => ReaderRound.MeasureAsync(
                    async () => await TypedReader.StartAsync(url, registrations, null, ct), null, s_replayed, ct, s_lead)),
            ],
            LiveRounds,
            cancellationToken);
        return new Comparison(
            Subject,
            results,
            [new Target("frames a second to a typed callback", results[1][ReaderRound.FramesASecond], "", Bound.AtLeast, 500_000)],
            []);
    }
}
