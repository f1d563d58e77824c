using System.Runtime.CompilerServices;
using KisFeed.Capture;
using KisFeed.Capture.Reading;

namespace KisFeed.Gateway.History;

/// <summary>
/// Reads the past of some keys, in the order of receipt, in parts that follow each other in time. Each record comes once, with gaps and
/// malformed frames in their places. Not thread-safe.
/// </summary>
internal sealed class HistoryReader
{
    // The text of records is several times as long as their frames.
    private const int MaxFrameBytes = 32 * 1024;
    private const int MaxRecordBytes = 8 * 1024;

    private readonly HistorySource _source;
    private readonly HistorySink _sink;
    private readonly RecordEnumerator _records;
    private readonly string[] _trIds;
    private readonly int _maxBytes;

    public HistoryReader(HistorySource source, HistorySink sink, HistoryPosition after)
    {
        _source = source;
        _sink = sink;
        _records = new RecordEnumerator(source.Catalog, _sink, checksColumns: !sink.TakesFrames);
        _maxBytes = sink.TakesFrames ? MaxFrameBytes : MaxRecordBytes;
        _trIds = [.. _sink.Feeds.Select(feed => feed.TrId)];
        NextAt = after.At;
    }

    /// <summary>Everything received before this time has been read.</summary>
    public DateTimeOffset NextAt { get; private set; }

    public long Gaps => _sink.Gaps;

    /// <summary>
    /// Reads everything received before a time that has not been read yet. It must be in files. The caller gets each batch within the turn
    /// in which it was read, and the end on the thread pool.
    /// </summary>
    /// <returns>The number of items of each batch.</returns>
    /// <exception cref="CaptureArchiveException">The archive is needed, and cannot be read now.</exception>
    public async IAsyncEnumerable<int> ReadAsync(DateTimeOffset until, [EnumeratorCancellation] CancellationToken cancellationToken)
    {
        if (until <= NextAt)
            yield break;
        var options = new CaptureReaderOptions
        {
            From = CaptureTime.At(NextAt),
            To = CaptureTime.At(until),
            TrIds = _trIds,
            Catalog = _source.Catalog,
            Seeks = true,
            ReusesBuffers = true,
        };
        await foreach (var _ in _source.ReadAsync(NextAt, until, options, Process, _maxBytes, cancellationToken).ConfigureAwait(false))
        {
            if (_sink.Count > 0)
                yield return _sink.Count;
            _sink.Count = 0;
        }

        NextAt = until;
    }

    /// <summary>Adds gaps that no record follows yet. Call it once, at the end.</summary>
    /// <param name="isRecorded">Whether everything received so far could be read.</param>
    public void End(bool isRecorded)
    {
        _records.Complete();
        _sink.End(isRecorded);
    }

    // Returns the length of the frame if it gave items.
    private int Process(in CaptureItem item)
    {
        var count = _sink.Count;
        _records.Process(item);
        _sink.EndFrame();
        return _sink.Count > count ? item.Frame.Bytes.Length : 0;
    }
}
