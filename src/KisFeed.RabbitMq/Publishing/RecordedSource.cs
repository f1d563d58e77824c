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
            var last = await recorder.FlushAsync(cancellationToken).WaitAsync(s_flushTimeout, time, cancellationToken).ConfigureAwait(false);
            return last ?? (IsRecording ? null : time.GetUtcNow());
        }
        catch (TimeoutException e)
        {
            throw new TimeoutException($"the recorder has not written its data to {recorder.Directory} within {s_flushTimeout.TotalSeconds} s", e);
        }
    }

    /// <summary>Reads the recorded items of a time range, without order notices. Data that have been deleted meanwhile are a gap at its beginning.</summary>
    /// <param name="from">The time of the first items.</param>
    /// <param name="until">The time of the last items.</param>
    /// <param name="cancellationToken">Cancels the reading.</param>
    /// <exception cref="CaptureException">A file was removed meanwhile.</exception>
    public async IAsyncEnumerable<CaptureItem> ReadAsync(DateTimeOffset from, DateTimeOffset until, [EnumeratorCancellation] CancellationToken cancellationToken)
    {
        var (first, last) = (CaptureDays.Of(from), CaptureDays.Of(until));
        List<string> files = [.. DatedFile.In(recorder.Directory, day => day >= first && day <= last).Where(file => !IsNotice(file.Feed)).Select(file => file.Path)];

        // After the search for files: what is deleted later cannot be read, which is a problem of its file.
        foreach (var (trId, deleted) in DeletedData.Read(recorder.Directory))
        {
            if (deleted > from && !IsNotice(trId))
                yield return GapOf(trId, from, deleted);
        }

        var options = new CaptureReaderOptions { From = CaptureTime.At(from), To = CaptureTime.At(until.AddTicks(1)), Catalog = catalog, Seeks = true };
        await foreach (var item in CaptureReader.Open(files, options).ReadItemsAsync(null, cancellationToken).ConfigureAwait(false))
            yield return item;
    }

    private CaptureItem GapOf(string trId, DateTimeOffset from, DateTimeOffset to) => new(
        new CaptureFile(recorder.Directory, CaptureFileFormat.Blocks, 0) { TrId = trId },
        new CaptureEvent { Kind = CaptureEventKind.Gap, At = from, TrId = trId, From = from, To = to, Reason = GapReason.NotRecorded });

    private bool IsNotice(string trId) => catalog.TryFind(trId, out var feed) && feed.IsNotice;
}
