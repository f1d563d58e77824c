using System.Runtime.CompilerServices;
using KisFeed.Benchmarks.Comparing;
using KisFeed.TestSupport;

namespace KisFeed.Benchmarks.Storing;

/// <summary>
/// Storing captures in PostgreSQL, compared with a bare <c>COPY</c> of the same rows; and the cost of recording and storing in a gateway.
/// </summary>
internal sealed class SinkSuite : IBenchmarkSuite
{
    private const int Frames = 200_000;
    private const int BriefFrames = 5_000;
    private const int CopyRounds = 3;
    private const int LoadRounds = 2;
    private const double RecordsOfAFrame = 19.0 / 16; // One frame of sixteen has four.

    public string Name => "sink";

    public string Description => "records a second stored in PostgreSQL, and the cores of a gateway that records and stores; three minutes";

    public async IAsyncEnumerable<Comparison> RunAsync(Rounds rounds, [EnumeratorCancellation] CancellationToken cancellationToken)
    {
        var folder = Directory.CreateTempSubdirectory("kisfeed-sink-");
        try
        {
            await using var server = await PostgresServer.StartAsync("max_wal_size=4GB");
            yield return await CopyAsync(rounds, server, Path.Combine(folder.FullName, "copied"), cancellationToken);
            yield return await LoadAsync(rounds, server, folder.FullName, cancellationToken);
        }
        finally
        {
            folder.Delete(recursive: true);
        }
    }

    private static async Task<Comparison> CopyAsync(
        Rounds rounds, PostgresServer server, string folder, CancellationToken cancellationToken)
    {
        var work = await CopyWork.PrepareAsync(server, folder, rounds.IsBrief ? BriefFrames : Frames, cancellationToken);
        var subject = $"sink: {work.Records:N0} records of four feeds into three tables";
        var results = await rounds.RunAsync(
            subject,
            [
                new Candidate("bare COPY, bytes in memory", work.CopyBytesAsync),
                new Candidate("bare COPY, values in memory", work.CopyValuesAsync),
                new Candidate("KisFeed, from a capture", work.StoreAsync),
            ],
            CopyRounds,
            cancellationToken);
        var (bytes, values, sink) = (results[0][CopyWork.Rate], results[1][CopyWork.Rate], results[2][CopyWork.Rate]);
        return new Comparison(
            subject,
            results,
            [
                new Target("the sink against a COPY of prepared bytes", sink / bytes, "×", Bound.AtLeast, 0.85),
                new Target("the sink against a COPY of values", sink / values, "×", Bound.AtLeast, 0.85),
            ],
            [
                $"The same tables with their index, fsync off: {work.Bytes.All >> 20} MB of rows, {work.Bytes.Files >> 20} MB of them the "
                    + "files themselves (capture_part).",
                "A bare COPY is one transaction for each table; the sink reads, checks and converts, and stores its "
                    + "positions and the keys of the day.",
            ]);
    }

    private static async Task<Comparison> LoadAsync(
        Rounds rounds, PostgresServer server, string folder, CancellationToken cancellationToken)
    {
        const string Subject = "sink: a gateway at 20,000 frames a second";
        var load = new GatewayLoad(server, folder, rounds.IsBrief);
        var results = await rounds.RunAsync(
            Subject,
            [
                new Candidate("gateway", load.AloneAsync),
                new Candidate("gateway --record", load.RecordingAsync),
                new Candidate("gateway --record --sink", load.StoringAsync),
            ],
            LoadRounds,
            cancellationToken);
        return new Comparison(
            Subject,
            results,
            [
                new Target(
                    "cores that recording and storing cost, above the gateway alone",
                    results[2][GatewayLoad.Cores] - results[0][GatewayLoad.Cores], "", Bound.AtMost, 1),
                new Target(
                    "records stored, of those sent", results[2][GatewayLoad.Stored] / (GatewayLoad.Rate * RecordsOfAFrame), "×",
                    Bound.AtLeast, 0.95),
            ],
            ["PostgreSQL runs on the same machine with fsync off; its processor time is not the gateway's."]);
    }
}
