using KisFeed.Gateway.Tests.Broker;
using KisFeed.Gateway.Tests.Streaming;

namespace KisFeed.Gateway.Tests.History;

/// <summary>A program that reads some keys from a time on, and resumes after its last id whenever its stream ends.</summary>
/// <param name="testGateway">The gateway, which may restart.</param>
/// <param name="keys">The keys, as TR ID and key.</param>
/// <param name="from">The time.</param>
internal sealed class StreamFollower(TestGateway testGateway, (string TrId, string Key)[] keys, DateTimeOffset from)
    : HistoryFollower(keys, from)
{
    private readonly string _query = $"subscribe={string.Join(',', keys.Select(key => $"{key.TrId}:{key.Key}"))}&queue=65536"
        + $"&from={from.UtcDateTime:yyyy-MM-dd'T'HH:mm:ss.fffffff'Z'}";
    private SseClient? _stream;
    private string? _lastId;

    /// <summary>A follower of some of the keys, from a moment between a time and now.</summary>
    public static StreamFollower Any(TestGateway testGateway, (string TrId, string Key)[] keys, DateTimeOffset begin, Random random) => new(
        testGateway,
        [.. keys.OrderBy(_ => random.Next()).Take(random.Next(1, keys.Length + 1))],
        begin + ((DateTimeOffset.UtcNow - begin) * random.NextDouble()));

    public override async Task ReadAsync(int count)
    {
        _stream ??= await SseClient.OpenAsync(testGateway.Gateway, _query, _lastId is null ? [] : [$"Last-Event-ID: {_lastId}"]);
        for (var i = 0; i < count; i++)
        {
            if (await NextAsync(_stream) is not { Kind: not "end" } next)
            {
                await BreakAsync();
                return;
            }

            Add(next);
        }
    }

    public override async Task CatchUpAsync()
    {
        await BreakAsync();
        await base.CatchUpAsync();
    }

    /// <summary>Breaks the connection.</summary>
    public async Task BreakAsync()
    {
        if (_stream is not null)
            await _stream.DisposeAsync();
        _stream = null;
    }

    public override ValueTask DisposeAsync() => new(BreakAsync());

    // A gateway that stops aborts connections that are not read in time.
    private static async Task<StreamEvent?> NextAsync(SseClient stream)
    {
        try
        {
            return await stream.NextAsync();
        }
        catch (Exception e) when (e is IOException or HttpRequestException)
        {
            return null;
        }
    }

    private void Add(StreamEvent item)
    {
        _lastId = item.Id ?? _lastId;
        var json = item.Json.GetRawText();
        switch (item.Kind)
        {
            case "record":
                Received.Of(item.Text("trId")!, item.Key).Add(
                    new RecordedItem(item.Json.GetProperty("receivedAt").GetDateTimeOffset(), WithoutId(json)));
                break;
            case "gap":
                Received.Of(item.Text("trId")!, item.Key).Add(new RecordedItem(default, null) { Cause = json });
                break;
            case "live" or "resumed":
                Joins++;
                break;
            case "malformed":
                throw new InvalidDataException(json);
        }
    }

    // {"id":"…",…
    private static string WithoutId(string json) => $"{{{json[(json.IndexOf("\",", StringComparison.Ordinal) + 2)..]}";
}
