using System.Buffers;
using System.Runtime.CompilerServices;
using System.Text;
using KisFeed.Capture;
using KisFeed.Capture.Files;
using KisFeed.Capture.Reading;
using KisFeed.Wire;

namespace KisFeed.Gateway.History;

/// <summary>
/// The lines of the recording that an export of some keys needs: whole frames with a record of the keys, and all events of their feeds, as recorded and in the
/// order of receipt. Not thread-safe.
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
    public async IAsyncEnumerable<ReadOnlyMemory<byte>> ReadAsync(DateTimeOffset from, DateTimeOffset until, [EnumeratorCancellation] CancellationToken cancellationToken)
    {
        var options = new CaptureReaderOptions
        {
            From = CaptureTime.At(from), To = CaptureTime.At(until), TrIds = [.. _feeds.Keys], Catalog = source.Catalog, Seeks = true,
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
        var trId = item.File.TrId ?? (DataFrame.TryParse(item.Frame.Bytes.Span, out var frame, out _) ? Encoding.ASCII.GetString(frame.TrId).ToUpperInvariant() : "");
        if (_feeds.TryGetValue(trId, out var feed))
            feed.Write(_text, _lines, item.Frame);
    }
}

/// <summary>Selects the frames of one feed.</summary>
internal sealed class FeedFrames(FeedSchema feed, IEnumerable<string> keys)
{
    private const int MaxEarlier = 1_024;

    // An export numbers the frames that were received within so short a time, whatever their keys.
    private static readonly TimeSpan s_sameTime = TimeSpan.FromMicroseconds(2);

    private readonly HashSet<string> _names = keys.ToHashSet(StringComparer.Ordinal);
    private readonly Dictionary<byte[], bool> _keys = keys.ToDictionary(Encoding.UTF8.GetBytes, _ => true, Utf8KeyComparer.Instance);
    private readonly List<Frame> _earlier = [];
    private readonly RecordReaderBuffer _scratch = new();
    private DateTimeOffset _lastAt = DateTimeOffset.MinValue;

    public FeedSchema Feed => feed;

    /// <summary>Whether an event of a key is shown. The HTS IDs of others are not.</summary>
    public bool MayShow(string? key) => !feed.IsNotice || key is null || _names.Contains(key);

    /// <summary>Writes the line of a frame if it is wanted, after others that were received at nearly the same time.</summary>
    public void Write(IBufferWriter<byte> output, FrameLineWriter lines, in Frame frame)
    {
        if (frame.ReceivedAt - _lastAt >= s_sameTime)
            _earlier.Clear();
        if (frame.ReceivedAt > _lastAt)
            _lastAt = frame.ReceivedAt;
        if (!IsWanted(frame.Bytes.Span))
        {
            if (!feed.IsNotice)
                _earlier.Add(frame);
            if (_earlier.Count == MaxEarlier)
                WriteEarlier(output, lines);
            return;
        }

        WriteEarlier(output, lines);
        lines.Write(output, feed.TrId, frame);
    }

    private void WriteEarlier(IBufferWriter<byte> output, FrameLineWriter lines)
    {
        foreach (var earlier in _earlier)
            lines.Write(output, feed.TrId, earlier);
        _earlier.Clear();
    }

    // A frame that cannot be read may have any key. Frames of notices must not show those of others.
    private bool IsWanted(ReadOnlySpan<byte> bytes)
    {
        if (!DataFrame.TryParse(bytes, out var frame, out _) || !PlainFrame.TryRead(feed, frame, _scratch, out var reader, out _))
            return !feed.IsNotice;
        var wanted = _keys.GetAlternateLookup<ReadOnlySpan<byte>>();
        var count = 0;
        while (reader.MoveNext())
        {
            if (!wanted.ContainsKey(feed.KeyOf(reader.Current)))
                continue;
            if (!feed.IsNotice)
                return true;
            count++;
        }

        return count > 0 && count == frame.Count;
    }
}
