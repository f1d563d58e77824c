using System.Buffers;
using KisFeed.Wire;

namespace KisFeed.Capture.Export;

/// <summary>The outputs of an export: one stream for all feeds, or one per feed.</summary>
internal sealed class ExportTarget(
    ExportOptions options, ExportFormatInfo format, ExportCounts counts, Func<string, Stream> open, bool isShared)
    : IDisposable
{
    private const int FlushThreshold = 1 << 16;
    private const string All = "";

    private readonly Dictionary<string, Output> _outputs = new(StringComparer.Ordinal);
    private readonly GapCsv? _gaps = options.Gaps is null ? null : new GapCsv(options.Names, options.EscapesFormulas);
    private FeedSchema? _feed;
    private IExportWriter? _writer;

    /// <summary>Whether nothing was written, not even a header.</summary>
    public bool IsUntouched => _outputs.Count == 0;

    private bool IsOneStream => isShared && format.SingleFeedReason is null;

    public void WriteGap(FeedSchema feed, ReadOnlySpan<byte> key, Gap gap) => _gaps?.Add(feed, key, gap);

    /// <summary>Returns the writer of a feed.</summary>
    /// <exception cref="CaptureException">There is a writer of another feed, and the format holds only one feed.</exception>
    public IExportWriter WriterOf(FeedSchema feed)
    {
        // Frames of one feed usually follow each other.
        if (ReferenceEquals(feed, _feed))
            return _writer!;
        _writer = OutputOf(IsOneStream ? All : feed.TrId, feed).Writer;
        _feed = feed;
        return _writer;
    }

    /// <summary>Returns the writers for an item that is not a record: the one of its feed, or all if it has no feed.</summary>
    public IEnumerable<IExportWriter> WritersFor(string? trId)
    {
        if (IsOneStream)
            return [OutputOf(All, null).Writer];
        return _outputs.Where(output => trId is null || output.Key == trId).Select(output => output.Value.Writer);
    }

    /// <summary>Writes the buffers that have reached the threshold.</summary>
    public async ValueTask FlushFullAsync(CancellationToken cancellationToken)
    {
        foreach (var output in _outputs.Values)
        {
            if (output.Writer.Text.WrittenCount >= FlushThreshold)
                await WriteAsync(output.Writer.Text, output.Stream, cancellationToken).ConfigureAwait(false);
        }

        if (_gaps?.Text.WrittenCount >= FlushThreshold)
            await WriteAsync(_gaps.Text, options.Gaps!, cancellationToken).ConfigureAwait(false);
    }

    /// <summary>Writes all buffers and flushes the streams.</summary>
    public async Task FinishAsync(CancellationToken cancellationToken)
    {
        foreach (var output in _outputs.Values)
        {
            await WriteAsync(output.Writer.Text, output.Stream, cancellationToken).ConfigureAwait(false);
            await output.Stream.FlushAsync(cancellationToken).ConfigureAwait(false);
        }

        if (_gaps is not null)
        {
            await WriteAsync(_gaps.Text, options.Gaps!, cancellationToken).ConfigureAwait(false);
            await options.Gaps!.FlushAsync(cancellationToken).ConfigureAwait(false);
        }
    }

    public void Dispose()
    {
        foreach (var output in _outputs.Values)
            (output.Writer as IDisposable)?.Dispose();
    }

    private static async ValueTask WriteAsync(
        System.Buffers.ArrayBufferWriter<byte> text, Stream stream, CancellationToken cancellationToken)
    {
        await stream.WriteAsync(text.WrittenMemory, cancellationToken).ConfigureAwait(false);
        text.ResetWrittenCount();
    }

    private Output OutputOf(string name, FeedSchema? feed)
    {
        if (feed is not null)
            counts.AddFeed(feed.TrId);
        if (_outputs.TryGetValue(name, out var known))
            return known;
        if (isShared && format.SingleFeedReason is { } reason)
            CaptureExport.RequireOneFeed(reason, _outputs.Keys.Append(name));
        var output = new Output(format.NewWriter(feed, options), open(name));
        _outputs.Add(name, output);
        return output;
    }

    private sealed record Output(IExportWriter Writer, Stream Stream);
}

internal interface IExportWriter
{
    ArrayBufferWriter<byte> Text { get; }

    void WriteRecord(FeedSchema feed, ReadOnlySpan<byte> key, int frame, in RecordFields fields, DateTimeOffset receivedAt);

    void WriteGap(FeedSchema feed, ReadOnlySpan<byte> key, Gap gap);

    void WriteInterruption(CaptureEvent captureEvent);

    void WriteMalformed(FeedSchema? feed, ReadOnlySpan<byte> key, DateTimeOffset receivedAt, in FrameError error, ReadOnlySpan<byte> raw);

    void WriteProblem(CaptureProblem problem);
}
