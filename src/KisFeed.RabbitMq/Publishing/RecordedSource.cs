using System.Runtime.CompilerServices;
using KisFeed.Capture;
using KisFeed.Capture.Files;
using KisFeed.Wire;

namespace KisFeed.RabbitMq.Publishing;

/// <summary>Reads what a recorder has written, while it writes.</summary>
internal sealed class RecordedSource(CaptureRecorder recorder, FeedCatalog catalog, TimeProvider time)
{
    private static readonly TimeSpan s_flushTimeout = TimeSpan.FromSeconds(10);

    /// <summary>Whether everything that the client receives is recorded.</summary>
    public bool IsRecording => !recorder.Completion.IsCompleted;

    /// <summary>When the recorder was started.</summary>
    public DateTimeOffset StartedAt => recorder.StartedAt;

    /// <summary>Writes everything received so far to files.</summary>
    /// <returns>The time of the last line; <see langword="null"/> if there is none.</returns>
    /// <exception cref="TimeoutException">The disk cannot be written to.</exception>
    public async Task<DateTimeOffset?> FlushAsync(CancellationToken cancellationToken)
    {
        try
        {
            var last = await recorder.FlushAsync(cancellationToken)
                .WaitAsync(s_flushTimeout, time, cancellationToken).ConfigureAwait(false);
            return last ?? (IsRecording ? null : time.GetUtcNow());
        }
        catch (TimeoutException e)
        {
            throw new TimeoutException(
                $"the recorder has not written its data to {recorder.Directory} within {s_flushTimeout.TotalSeconds} s", e);
        }
    }

    /// <summary>
    /// Reads the recorded items of a time range, without order notices. Data that have been deleted meanwhile are a gap where they ended.
    /// </summary>
    /// <param name="from">The time of the first items.</param>
    /// <param name="until">The time of the last items.</param>
    /// <param name="cancellationToken">Cancels the reading.</param>
    /// <exception cref="CaptureException">A file was removed meanwhile.</exception>
    public async IAsyncEnumerable<CaptureItem> ReadAsync(
        DateTimeOffset from, DateTimeOffset until, [EnumeratorCancellation] CancellationToken cancellationToken)
    {
        var (first, last) = (CaptureDays.Of(from), CaptureDays.Of(until));
        List<string> files = [.. DatedFile.In(recorder.Directory, day => day >= first && day <= last).Where(file => !IsNotice(file.Feed))
            .Select(file => file.Path)];

        // After the search for files: what is deleted later cannot be read, which is a problem of its file.
        var gaps = new Queue<CaptureItem>(DeletedData.Read(recorder.Directory)
            .Where(feed => feed.Value > from && !IsNotice(feed.Key))
            .OrderBy(feed => feed.Value)
            .Select(feed => GapOf(feed.Key, from, feed.Value, until)));
        var options = new CaptureReaderOptions
        {
            From = CaptureTime.At(from),
            To = CaptureTime.At(until.AddTicks(1)),
            Catalog = catalog,
            Seeks = true,
        };
        await foreach (var item in CaptureReader.Open(files, options, cancellationToken)
            .ReadItemsAsync(null, cancellationToken).ConfigureAwait(false))
        {
            while (gaps.TryPeek(out var gap) && gap.At <= item.At)
                yield return gaps.Dequeue();
            yield return item;
        }

        while (gaps.TryDequeue(out var gap))
            yield return gap;
    }

    // Readers drop what is before the last frame that they have, and it may be a later one than the
    // publisher knows. So the gap is at its end.
    private CaptureItem GapOf(string trId, DateTimeOffset from, DateTimeOffset to, DateTimeOffset until) => new(
        new CaptureFile(recorder.Directory, CaptureFileFormat.Blocks, 0) { TrId = trId },
        new CaptureEvent
        {
            Kind = CaptureEventKind.Gap,
            At = to < until ? to : until,
            TrId = trId,
            From = from,
            To = to,
            Reason = GapReason.NotRecorded,
        });

    private bool IsNotice(string trId) => catalog.TryFind(trId, out var feed) && feed.IsNotice;
}
