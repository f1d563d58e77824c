using System.Buffers;
using KisFeed.Wire;

namespace KisFeed.Capture;

/// <summary>Where an export goes to: one stream for all feeds, or one for each.</summary>
internal sealed class ExportTarget(ExportOptions options, ExportCounts counts, Func<string, Stream> open, bool isShared) : IDisposable
{
    private const int FlushThreshold = 1 << 16;
    private const string All = "";

    private readonly Dictionary<string, Output> _outputs = new(StringComparer.Ordinal);
    private readonly GapCsv? _gaps = options.Gaps is null ? null : new GapCsv(options.Names);
    private FeedSchema? _feed;
    private IExportWriter? _writer;

    /// <summary>Whether nothing has been written, not even a header.</summary>
    public bool IsUntouched => _outputs.Count == 0;

    private bool IsOneStream => isShared && options.Format == ExportFormat.JsonLines;

    public void Gap(FeedSchema feed, ReadOnlySpan<byte> key, Gap gap) => _gaps?.Add(feed, key, gap);

    /// <summary>The writer of a feed.</summary>
    /// <exception cref="CaptureException">There is one of another feed, and its form takes one feed.</exception>
    public IExportWriter WriterOf(FeedSchema feed)
    {
        // Frames of one feed come in rows.
        if (ReferenceEquals(feed, _feed))
            return _writer!;
        _writer = OutputOf(IsOneStream ? All : feed.TrId, feed).Writer;
        _feed = feed;
        (_writer as JsonExport)?.BeginFeed(feed);
        return _writer;
    }

    /// <summary>The writers for what is no record: that of the feed where it has one, all where it is of none.</summary>
    public IEnumerable<IExportWriter> WritersFor(string? trId)
    {
        if (IsOneStream)
            return [OutputOf(All, null).Writer];
        return _outputs.Where(output => trId is null || output.Key == trId).Select(output => output.Value.Writer);
    }

    /// <summary>Passes on what has been gathered, where that is enough.</summary>
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

    /// <summary>Passes everything on.</summary>
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

    private static async ValueTask WriteAsync(System.Buffers.ArrayBufferWriter<byte> text, Stream stream, CancellationToken cancellationToken)
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
        if (isShared && options.Format == ExportFormat.Csv)
            CaptureExport.RequireOneFeed(_outputs.Keys.Append(name));
        var output = new Output(options.Format == ExportFormat.Csv ? new CsvExport(feed!, options.Names) : new JsonExport(options.Names), open(name));
        _outputs.Add(name, output);
        return output;
    }

    /// <summary>A stream and what writes into it.</summary>
    private sealed record Output(IExportWriter Writer, Stream Stream);
}

/// <summary>Writes what is exported into a buffer.</summary>
internal interface IExportWriter
{
    /// <summary>What has been written and not been passed on.</summary>
    ArrayBufferWriter<byte> Text { get; }

    void Record(ReadOnlySpan<byte> key, int frame, in RecordFields fields, DateTimeOffset receivedAt);

    void Gap(FeedSchema feed, ReadOnlySpan<byte> key, Gap gap);

    void Interruption(CaptureEvent captureEvent);

    void Malformed(FeedSchema? feed, ReadOnlySpan<byte> key, DateTimeOffset receivedAt, in FrameError error, ReadOnlySpan<byte> raw);

    void Problem(CaptureProblem problem);
}
