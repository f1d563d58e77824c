using KisFeed.Capture;
using KisFeed.Gateway.History;
using KisFeed.Wire;

namespace KisFeed.Gateway.Days;

/// <summary>
/// Reads days from the recording: the minutes of each key, its gaps and its last record. A day may have millions of records; in memory are
/// only the minutes of the requested keys, and few requests at a time are read. Thread-safe.
/// </summary>
/// <param name="source">The recorded past. Disposed with this.</param>
/// <param name="current">The current days, which are completed from the recording.</param>
internal sealed class RecordedDays(HistorySource source, IntradayHistory current) : IDisposable
{
    /// <summary>The greatest number of keys of a request. The day of a key may take about 100 KiB.</summary>
    public const int MaxKeys = 100;

    private const int MaxConcurrent = 2;

    private readonly SemaphoreSlim _reading = new(MaxConcurrent);
    private readonly SemaphoreSlim _completing = new(1);

    public HistorySource Source => source;

    public DateOnly Today => DateOnly.FromDateTime(KoreaTime.From(source.Time.GetUtcNow()).DateTime);

    /// <summary>
    /// The days of which something is recorded, earliest first. Without those that are only in an archive that cannot be read now.
    /// </summary>
    public async Task<IReadOnlyList<DateOnly>> RecordedAsync(CancellationToken cancellationToken)
    {
        try
        {
            return [.. source.Days().Union(await source.ArchivedDaysAsync(cancellationToken).ConfigureAwait(false)).Order()];
        }
        catch (CaptureArchiveException)
        {
            return source.Days();
        }
    }

    /// <summary>Whether something of a day is recorded.</summary>
    /// <exception cref="CaptureArchiveException">The day is not in the folder, and the archive cannot be read now.</exception>
    public async Task<bool> IsRecordedAsync(DateOnly date, CancellationToken cancellationToken) =>
        source.Days().Contains(date) || (await source.ArchivedDaysAsync(cancellationToken).ConfigureAwait(false)).Contains(date);

    /// <summary>Reads what was received on a day, up to now.</summary>
    /// <param name="date">The day in Korea.</param>
    /// <param name="keys">The keys, at most <see cref="MaxKeys"/>. With a time, only what was received before it.</param>
    /// <param name="isContinued">Whether the caller adds what is received from the returned time on. If not, the
    /// newest records are included.</param>
    /// <param name="cancellationToken">Cancels the reading.</param>
    /// <exception cref="CaptureArchiveException">The archive is needed, and cannot be read now.</exception>
    /// <returns>
    /// The days of the keys, in their order, and the time of receipt before which everything has been read; <see langword="null"/> if the
    /// newest records may be missing, because the disk cannot be written to.
    /// </returns>
    public async Task<(IReadOnlyList<RecordedDay> Days, DateTimeOffset? Until)> ReadAsync(
        DateOnly date,
        IReadOnlyList<(FeedSchema Feed, string Key, DateTimeOffset? Until)> keys,
        bool isContinued,
        CancellationToken cancellationToken)
    {
        await _reading.WaitAsync(cancellationToken).ConfigureAwait(false);
        try
        {
            var begin = new DateTimeOffset(date, default, KoreaTime.Offset);
            var end = keys.All(key => key.Until is not null) ? keys.Max(key => key.Until!.Value).AddTicks(1) : begin.AddDays(1);
            var flushed = date < Today ? new WrittenPast(end) : await source.FlushAsync(cancellationToken).ConfigureAwait(false);
            var until = (isContinued ? flushed?.Complete : flushed?.End) is { } at && at < end ? at : end;
            var days = keys.Select(key => new RecordedDay(new HistoryKey(key.Feed, key.Key), key.Until)).ToList();
            var reader = new HistoryReader(source, new DaySink(days, HistoryPosition.Before(begin)), HistoryPosition.Before(begin));
            await foreach (var _ in reader.ReadAsync(until, cancellationToken).ConfigureAwait(false))
            {
                // The sink keeps the minutes, and no items.
            }

            reader.End(isRecorded: flushed is not null);
            return (days, flushed is null ? null : until);
        }
        finally
        {
            _reading.Release();
        }
    }

    /// <summary>
    /// Completes the current days of all kept keys of a feed by what was recorded before: by an earlier run of the gateway, or before the
    /// gateway had forgotten a key. Each is read once.
    /// </summary>
    public async Task CompleteAsync(FeedSchema feed, CancellationToken cancellationToken)
    {
        if (current.WithoutEarlier(feed).Count == 0)
            return;
        await _completing.WaitAsync(cancellationToken).ConfigureAwait(false);
        try
        {
            foreach (var keys in current.WithoutEarlier(feed)
                .GroupBy(key => key.FirstAt is { } at ? DateOnly.FromDateTime(KoreaTime.From(at).DateTime) : Today))
            {
                foreach (var part in keys.Chunk(MaxKeys))
                    await CompleteAsync(feed, keys.Key, part, cancellationToken).ConfigureAwait(false);
            }
        }
        finally
        {
            _completing.Release();
        }
    }

    public void Dispose()
    {
        _completing.Dispose();
        _reading.Dispose();
        source.Dispose();
    }

    private async Task CompleteAsync(
        FeedSchema feed, DateOnly date, (string Key, DateTimeOffset? FirstAt)[] keys, CancellationToken cancellationToken)
    {
        var (found, until) = await ReadAsync(
            date, [.. keys.Select(key => (feed, key.Key, key.FirstAt))], isContinued: true, cancellationToken).ConfigureAwait(false);
        foreach (var (day, key) in found.Zip(keys))
        {
            // Something received before the first record may not be in files yet, if the disk cannot be written to.
            if (until is { } read && (key.FirstAt ?? read) <= read)
                current.SetEarlier(day.Key.HubKey, day.Day, key.FirstAt ?? read);
        }
    }

    private sealed class DaySink(IReadOnlyList<RecordedDay> days, HistoryPosition after) : HistorySink(days.Select(day => day.Key), after)
    {
        private readonly Dictionary<HistoryKey, RecordedDay> _days = days.ToDictionary(day => day.Key);

        protected override void AddRecord(HistoryKey key, in RecordFields fields, HistoryPosition position, DateTimeOffset receivedAt) =>
            _days[key].Add(fields, ShapeOf(fields), receivedAt);

        // Malformed records have no minute.
        protected override void AddEvent(HistoryKey? key, FeedEvent feedEvent, HistoryPosition position)
        {
            if (feedEvent is Gap gap)
                _days[key!].Add(gap);
        }
    }
}
