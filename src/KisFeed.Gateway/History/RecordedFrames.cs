using System.Buffers;
using System.Runtime.CompilerServices;
using System.Text;
using KisFeed.Capture;
using KisFeed.Capture.Files;
using KisFeed.Wire;

namespace KisFeed.Gateway.History;

/// <summary>
/// The lines of the recording that an export of some keys needs: whole frames with a record of the keys, and all events of their feeds, as
/// recorded and in the order of receipt. Not thread-safe.
/// </summary>
internal sealed class RecordedFrames(HistorySource source, IEnumerable<HistoryKey> keys)
{
    private const int MaxBytesPerTurn = 32 * 1024;

    private readonly Dictionary<string, FeedFrames> _feeds = keys.GroupBy(key => key.Feed.TrId, StringComparer.Ordinal)
        .ToDictionary(feed => feed.Key, feed => new FeedFrames(feed.First().Feed, feed.Select(key => key.Key)), StringComparer.Ordinal);

    private readonly ArrayBufferWriter<byte> _text = new();
    private readonly FrameLineWriter _lines = new();

    /// <summary>Reads everything received within a time range, without its end.</summary>
    /// <returns>Parts of the text, each valid until the next.</returns>
    /// <exception cref="CaptureArchiveException">The archive is needed, and cannot be read now.</exception>
    public async IAsyncEnumerable<ReadOnlyMemory<byte>> ReadAsync(
        DateTimeOffset from, DateTimeOffset until, [EnumeratorCancellation] CancellationToken cancellationToken)
    {
        var options = new CaptureReaderOptions
        {
            From = CaptureTime.At(from),
            To = CaptureTime.At(until),
            TrIds = [.. _feeds.Keys],
            Catalog = source.Catalog,
            Seeks = true,
        };
        await foreach (var _ in source.ReadAsync(from, until, options, Write, MaxBytesPerTurn, cancellationToken).ConfigureAwait(false))
        {
            if (_text.WrittenCount > 0)
                yield return _text.WrittenMemory;
            _text.ResetWrittenCount();
        }
    }

    private int Write(in CaptureItem item)
    {
        var before = _text.WrittenCount;
        if (item.IsFrame)
            WriteFrame(item);
        else if (item.Event is { TrId: { } trId } captureEvent && _feeds.TryGetValue(trId, out var feed) && feed.MayShow(captureEvent.Key))
            _lines.Write(_text, feed.Feed.IsNotice ? captureEvent with { Keys = [] } : captureEvent);
        return _text.WrittenCount - before;
    }

    private void WriteFrame(in CaptureItem item)
    {
        var trId = item.File.TrId
            ?? (DataFrame.TryParse(item.Frame.Bytes.Span, out var frame, out _)
                ? Encoding.ASCII.GetString(frame.TrId).ToUpperInvariant()
                : "");
        if (_feeds.TryGetValue(trId, out var feed))
            feed.Write(_text, _lines, item.Frame);
    }
}
