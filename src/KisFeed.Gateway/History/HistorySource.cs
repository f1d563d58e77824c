using KisFeed.Capture;
using KisFeed.Capture.Files;
using KisFeed.Wire;

namespace KisFeed.Gateway.History;

/// <summary>The past that the gateway has recorded. Thread-safe.</summary>
/// <param name="recorder">The recorder, which still writes.</param>
/// <param name="options">Its options.</param>
/// <param name="catalog">The feeds.</param>
/// <param name="time">The clock.</param>
internal sealed class HistorySource(CaptureRecorder recorder, CaptureRecorderOptions options, FeedCatalog catalog, TimeProvider time) : IDisposable
{
    /// <summary>How long a disk that does not answer is waited for.</summary>
    private static readonly TimeSpan s_flushTimeout = TimeSpan.FromSeconds(10);

    // The past is read on at most half of the processors, so that however many read it, the present is not delayed.
    private readonly SemaphoreSlim _readers = new(Math.Max(1, Environment.ProcessorCount / 2));

    /// <summary>The feeds.</summary>
    public FeedCatalog Catalog => catalog;

    /// <summary>The clock.</summary>
    public TimeProvider Time => time;

    /// <summary>Whether the past of a feed is recorded.</summary>
    public bool Has(FeedSchema feed) => !feed.IsNotice || options.Notices;

    /// <summary>Waits for a turn to read. Dispose the result at the end of the turn.</summary>
    public async ValueTask<ReadingTurn> WaitForTurnAsync(CancellationToken cancellationToken)
    {
        await _readers.WaitAsync(cancellationToken).ConfigureAwait(false);
        return new ReadingTurn(_readers);
    }

    /// <summary>
    /// Writes everything received so far to files. Returns the time of the last line, which no later line is before; <see langword="null"/> if that cannot be done
    /// now, because the disk cannot be written to.
    /// </summary>
    public async Task<DateTimeOffset?> FlushAsync(CancellationToken cancellationToken)
    {
        try
        {
            var flushed = await recorder.FlushAsync(cancellationToken).WaitAsync(s_flushTimeout, time, cancellationToken).ConfigureAwait(false);
            return flushed ?? (recorder.Status is { HasEnded: true, Lost: 0 } ? time.GetUtcNow() : null);
        }
        catch (TimeoutException)
        {
            return null;
        }
    }

    /// <summary>The files of some feeds that may hold lines of a time range.</summary>
    public IEnumerable<string> FilesOf(IReadOnlyCollection<string> trIds, DateTimeOffset from, DateTimeOffset until)
    {
        var (first, last) = (CaptureDays.Of(from), CaptureDays.Of(until));
        return Directory.Exists(options.Writer.Directory)
            ? CaptureDays.FoldersIn(options.Writer.Directory)
                .Where(day => day.Day >= first && day.Day <= last && day.Folder.Exists)
                .SelectMany(day => trIds.SelectMany(trId => day.Folder.EnumerateFiles($"{trId}-*{DatedFile.Extension}")))
                .Select(file => file.FullName)
            : [];
    }

    /// <summary>The days in Korea of which something is recorded, earliest first.</summary>
    public IReadOnlyList<DateOnly> Days() => Directory.Exists(options.Writer.Directory)
        ? [.. CaptureDays.FoldersIn(options.Writer.Directory).Where(day => day.Folder.EnumerateFiles($"*{DatedFile.Extension}").Any()).Select(day => day.Day)]
        : [];

    public void Dispose() => _readers.Dispose();

    /// <summary>A turn to read.</summary>
    internal readonly struct ReadingTurn(SemaphoreSlim readers) : IDisposable
    {
        public void Dispose() => readers.Release();
    }
}
