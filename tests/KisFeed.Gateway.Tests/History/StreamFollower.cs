using KisFeed.Gateway.Tests.Streaming;

namespace KisFeed.Gateway.Tests.History;

/// <summary>A program that reads some keys from a time on, and resumes after its last id whenever its stream ends.</summary>
/// <param name="keys">The keys, as TR ID and key.</param>
/// <param name="from">The time.</param>
internal sealed class StreamFollower((string TrId, string Key)[] keys, DateTimeOffset from) : IAsyncDisposable
{
    private readonly Dictionary<(string TrId, string Key), List<string?>> _received = keys.ToDictionary(
        key => key, _ => new List<string?>());
    private readonly List<string> _gaps = [];
    private SseClient? _stream;
    private string? _lastId;

    /// <summary>How often the recorded past was joined to the present.</summary>
    public int Joins { get; private set; }

    /// <summary>Reads some events.</summary>
    public async Task ReadAsync(GatewayServer gateway, int count)
    {
        _stream ??= await OpenAsync(gateway);
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

    /// <summary>Opens a stream and reads until it has reached the present.</summary>
    public async Task CatchUpAsync(GatewayServer gateway)
    {
        await BreakAsync();
        _stream = await OpenAsync(gateway);
        using var deadline = new CancellationTokenSource(Patience.Limit);
        for (var joins = Joins; Joins == joins; await ReadAsync(gateway, 1))
            deadline.IsCancellationRequested.ShouldBeFalse($"{Records} records were read, and the stream did not reach the present");
    }

    /// <summary>Breaks the connection.</summary>
    public async Task BreakAsync()
    {
        if (_stream is not null)
            await _stream.DisposeAsync();
        _stream = null;
    }

    /// <summary>
    /// Compares what was received with the recording: the records from the beginning on, each once and in order, gaps where they are.
    /// </summary>
    public void Check(RecordedKeys recorded)
    {
        foreach (var ((trId, key), received) in _received)
        {
            var expected = recorded.Of(trId, key).Where(item => item.At >= from).Select(item => item.Json).ToList();
            while (expected is [null, ..])
                expected.RemoveAt(0);
            Normalize(expected);
            var got = new List<string?>(received);
            while (got is [null, ..])
                got.RemoveAt(0);
            Normalize(got);
            got.Count.ShouldBeLessThanOrEqualTo(expected.Count, $"{trId}:{key}");
            var events = string.Join(
                ", ", recorded.Of(trId, key).Where(item => item.Json is null).Select(item => $"{item.At:O} {item.Cause}"));
            for (var i = 0; i < got.Count; i++)
            {
                got[i].ShouldBe(
                    expected[i],
                    $"{trId}:{key} from {from:O}, item {i} of {got.Count}; received gaps: {string.Join(", ", _gaps)}; recorded: {events}");
            }
        }
    }

    /// <summary>The number of records received.</summary>
    public int Records => _received.Values.Sum(items => items.Count(item => item is not null));

    public ValueTask DisposeAsync() => new(BreakAsync());

    // Several causes of missing data between two records are one gap in one place and several in another; a gap at the end may still grow.
    private static void Normalize(List<string?> items)
    {
        for (var i = items.Count - 1; i > 0; i--)
        {
            if (items[i] is null && items[i - 1] is null)
                items.RemoveAt(i);
        }

        if (items is [.., null])
            items.RemoveAt(items.Count - 1);
    }

    private Task<SseClient> OpenAsync(GatewayServer gateway)
    {
        var subscribe = $"subscribe={string.Join(',', keys.Select(key => $"{key.TrId}:{key.Key}"))}&queue=65536";
        var start = Uri.EscapeDataString(from.UtcDateTime.ToString("yyyy-MM-dd'T'HH:mm:ss.fffffff'Z'", null));
        return _lastId is { } id
            ? SseClient.OpenAsync(gateway, $"{subscribe}&from={start}", ("Last-Event-ID", id))
            : SseClient.OpenAsync(gateway, $"{subscribe}&from={start}");
    }

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
        switch (item.Kind)
        {
            case "record":
                _received[(item.Json.GetProperty("trId").GetString()!, item.Key)].Add(WithoutId(item.Json.GetRawText()));
                break;
            case "gap":
                _received[(item.Body.GetProperty("trId").GetString()!, item.Key)].Add(null);
                _gaps.Add(item.Json.GetRawText());
                break;
            case "live" or "resumed":
                Joins++;
                break;
            case "malformed":
                throw new InvalidDataException(item.Json.GetRawText());
        }
    }

    // {"id":"…",…
    private static string WithoutId(string json) => $"{{{json[(json.IndexOf("\",", StringComparison.Ordinal) + 2)..]}";
}
