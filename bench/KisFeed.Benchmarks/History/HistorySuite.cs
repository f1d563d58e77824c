using System.Diagnostics;
using System.Globalization;
using System.Net.WebSockets;
using System.Runtime.CompilerServices;
using KisFeed.Benchmarks.Capture;
using KisFeed.Benchmarks.Comparing;
using KisFeed.Benchmarks.Sockets;
using KisFeed.Capture;
using KisFeed.Feeds;
using KisFeed.TestSupport;

namespace KisFeed.Benchmarks.History;

/// <summary>
/// A stream from a gateway's history, compared with reading the same capture file and with a socket that throws the stream away.
/// </summary>
internal sealed class HistorySuite : IBenchmarkSuite
{
    private const int MeasuredRounds = 5;
    private const int AllRecords = 300_000;
    private const int BriefRecords = 5_000;
    private const int BufferBytes = 64 * 1024;
    private const string Key = "0001";
    private const string RecordsASecond = "records a second";
    private const string GatewayTime = "gateway, processor time";
    private const double Bar = 300_000;

    // The day of the frames in the capture.
    private static readonly HistoryStart s_from = HistoryStart.At(new DateTimeOffset(2026, 11, 20, 0, 0, 0, TimeSpan.Zero));

    public string Name => "history";

    public string Description => "records a second from a gateway's history to a client";

    public async IAsyncEnumerable<Comparison> RunAsync(Rounds rounds, [EnumeratorCancellation] CancellationToken cancellationToken)
    {
        var folder = Directory.CreateTempSubdirectory("kisfeed-history-");
        try
        {
            var count = rounds.IsBrief ? BriefRecords : AllRecords;
            var files = new CaptureFiles(folder.FullName, SimulatedFrames.Make(count));
            files.WriteCapture();
            await using var server = await ServerProcess.StartKisFeedAsync(
                ["gateway", "--simulate", "--rate", "1", "--record", files.Capture, "--port", "0", "--format", "json", "--log", "warning"],
                [],
                cancellationToken);
            yield return await CompareAsync(rounds, files, count, server, cancellationToken);
        }
        finally
        {
            folder.Delete(recursive: true);
        }
    }

    private static async Task<Comparison> CompareAsync(
        Rounds rounds, CaptureFiles files, int records, ServerProcess server, CancellationToken cancellationToken)
    {
        var subject = string.Create(CultureInfo.InvariantCulture, $"history: {records:N0} recorded records to one reader, over loopback");
        var results = await rounds.RunAsync(
            subject,
            [
                new Candidate(
                    "capture file, CaptureReader, frames", ct => MeasureAsync(() => ReadFileFramesAsync(files, ct), records, null)),
                new Candidate("capture file, CaptureReader, typed", ct => MeasureAsync(() => ReadFileAsync(files, ct), records, null)),
                new Candidate(
                    "gateway, ClientWebSocket, lines counted",
                    ct => MeasureAsync(() => CountLinesAsync(server.Url, records, ct), records, server)),
                new Candidate(
                    "gateway, KisFeed, frames", ct => MeasureAsync(() => ReadFramesAsync(server.Url, records, ct), records, server)),
                new Candidate("gateway, KisFeed, typed", ct => MeasureAsync(() => ReadAsync(server.Url, records, ct), records, server)),
            ],
            MeasuredRounds,
            cancellationToken);
        var (file, socket, typed) = (results[1][RecordsASecond], results[2][RecordsASecond], results[4][RecordsASecond]);
        return new Comparison(
            subject,
            results,
            [new Target("records a second to a typed reader", typed, "", Bound.AtLeast, Bar)],
            [string.Create(CultureInfo.InvariantCulture, $"The typed reader gets {typed / file:0.00} times the records of the file alone, "
                + $"and {typed / socket:0.00} times those of a socket that throws them away.")]);
    }

    private static async Task<IReadOnlyList<Figure>> MeasureAsync(Func<Task<int>> read, int records, ServerProcess? server)
    {
        var (startedAt, allocated) = (Stopwatch.GetTimestamp(), GC.GetTotalAllocatedBytes(precise: true));
        var used = server?.Process.ProcessorTime;
        var count = await read();
        var seconds = Stopwatch.GetElapsedTime(startedAt).TotalSeconds;
        if (count != records)
            throw new InvalidOperationException($"{count} of {records} records were read");
        var figures = new List<Figure>
        {
            new(RecordsASecond, "", count / seconds),
            new("allocated", "bytes/record", (GC.GetTotalAllocatedBytes(precise: true) - allocated) / (double)count),
        };
        if (used is { } before)
            figures.Add(new Figure(GatewayTime, "µs/record", (server!.Process.ProcessorTime - before).TotalMicroseconds / count));
        return figures;
    }

    private static async Task<int> ReadFileFramesAsync(CaptureFiles files, CancellationToken cancellationToken)
    {
        var count = 0;
        await foreach (var _ in CaptureReader.Open(Day(files)).ReadFramesAsync(cancellationToken))
            count++;
        return count;
    }

    private static async Task<int> ReadFileAsync(CaptureFiles files, CancellationToken cancellationToken)
    {
        var count = 0;
        await foreach (var _ in CaptureReader.Open(Day(files)).ReadAsync(IndexTrade.Feed, Key, cancellationToken))
            count++;
        return count;
    }

    private static async Task<int> ReadFramesAsync(Uri url, int records, CancellationToken cancellationToken)
    {
        await using var client = KisFeedClient.Start(Credentials.OptionsFor(url));
        await using var frames = await client.SubscribeAsync(IndexTrade.Feed.Schema, Key, new() { From = s_from }, cancellationToken);
        var count = 0;
        await foreach (var item in frames.ReadAllAsync(cancellationToken))
        {
            if (item.IsFrame && ++count == records)
                break;
        }

        return count;
    }

    private static async Task<int> ReadAsync(Uri url, int records, CancellationToken cancellationToken)
    {
        await using var client = KisFeedClient.Start(Credentials.OptionsFor(url));
        await using var index = await client.SubscribeAsync(IndexTrade.Feed, Key, new() { From = s_from }, cancellationToken);
        var count = 0;
        await foreach (var trade in index.ReadAllAsync(cancellationToken))
        {
            if (trade.Price > 0 && ++count == records)
                break;
        }

        return count;
    }

    private static async Task<int> CountLinesAsync(Uri url, int records, CancellationToken cancellationToken)
    {
        using var socket = new ClientWebSocket();
        await socket.ConnectAsync(
            new Uri(url, $"/v1/stream?subscribe=index:{Key}&format=capture&from={Uri.EscapeDataString(s_from.ToString())}"),
            cancellationToken);
        var buffer = new byte[BufferBytes];
        var count = 0;
        while (count < records)
        {
            var received = await socket.ReceiveAsync(buffer.AsMemory(), cancellationToken);
            count += buffer.AsSpan(0, received.Count).Count((byte)'\n') + (received.EndOfMessage ? 1 : 0);
        }

        socket.Abort();
        return records;
    }

    private static string Day(CaptureFiles files) => Path.Combine(files.Capture, "2026-11-20");
}
