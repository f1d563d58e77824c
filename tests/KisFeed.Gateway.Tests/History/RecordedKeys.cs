using System.Buffers;
using System.Text;
using System.Text.Json;
using KisFeed.Capture;
using KisFeed.Feeds;
using KisFeed.Output;
using KisFeed.Wire;

namespace KisFeed.Gateway.Tests.History;

/// <summary>What a capture has of each key: records as the JSON of a stream, and where gaps are.</summary>
internal sealed class RecordedKeys
{
    private readonly Dictionary<(string TrId, string Key), List<RecordedItem>> _keys = [];
    private readonly RecordReaderBuffer _buffer = new();

    /// <summary>The keys that occur.</summary>
    public IEnumerable<(string TrId, string Key)> Keys => _keys.Keys;

    /// <summary>Reads a capture.</summary>
    public static async Task<RecordedKeys> ReadAsync(string directory)
    {
        var read = new RecordedKeys();
        await foreach (var item in CaptureReader.Open(directory).ReadItemsAsync())
        {
            item.Problem.ShouldBeNull(item.Problem?.Message);
            if (item.Event is { Kind: CaptureEventKind.Gap or CaptureEventKind.Released } gap)
                read.Of(gap.TrId!, gap.Key!).Add(new RecordedItem(gap.At, null) { Cause = $"{gap.Kind} {gap.Reason}" });
            if (item.Event is { Kind: CaptureEventKind.Capture, IsStart: true } start)
                read.AddStart(start);
            if (item.IsFrame)
                read.Add(item.Frame);
        }

        return read;
    }

    /// <summary>Reads the records of a key.</summary>
    public static async Task<List<RecordedItem>> ReadRecordsAsync(DirectoryInfo folder, string trId, string key) =>
        (await ReadAsync(folder.FullName)).Of(trId, key).FindAll(item => item.Json is not null);

    /// <summary>The number of records of a day of the history page.</summary>
    public static long CountIn(JsonElement day) =>
        day.GetProperty("series").GetProperty("price").EnumerateArray().Sum(bar => bar.GetProperty("records").GetInt64());

    /// <summary>The records and gaps of a key.</summary>
    public List<RecordedItem> Of(string trId, string key)
    {
        if (!_keys.TryGetValue((trId, key), out var items))
            _keys.Add((trId, key), items = []);
        return items;
    }

    // Nothing was recorded before it.
    private void AddStart(CaptureEvent start)
    {
        foreach (var (_, items) in _keys.Where(key => key.Key.TrId == start.TrId))
            items.Add(new RecordedItem(start.At, null) { Cause = "start" });
    }

    /// <summary>Adds the records of a frame.</summary>
    public void Add(Frame received)
    {
        DataFrame.TryParse(received, out var frame, out _).ShouldBeTrue();
        KisFeeds.Catalog.TryGet(frame.TrId, out var feed).ShouldBeTrue();
        _buffer.TryRead(feed!, frame, out var reader, out _).ShouldBeTrue();
        while (reader.MoveNext())
        {
            var key = Encoding.UTF8.GetString(feed!.KeyOf(reader.Current));
            var text = new ArrayBufferWriter<byte>();
            using (var json = new Utf8JsonWriter(text, RecordJson.WriterOptions))
            {
                json.WriteStartObject();
                ItemJson.WriteRecord(json, feed, key, received.ReceivedAt, reader.Current, NameStyle.English);
                json.WriteEndObject();
            }

            Of(feed.TrId, key).Add(new RecordedItem(received.ReceivedAt, Encoding.UTF8.GetString(text.WrittenSpan)));
        }
    }
}

/// <summary>A record of a capture, or a gap.</summary>
/// <param name="At">When it was received.</param>
/// <param name="Json">The record; <see langword="null"/> for a gap.</param>
internal sealed record RecordedItem(DateTimeOffset At, string? Json)
{
    /// <summary>Why data is missing, for messages.</summary>
    public string? Cause { get; init; }
}
