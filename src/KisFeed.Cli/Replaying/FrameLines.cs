using KisFeed.Capture;
using KisFeed.Cli.Captures;
using KisFeed.Cli.Hosting;
using KisFeed.Cli.Output;
using KisFeed.Replay;

namespace KisFeed.Cli.Replaying;

/// <summary>Writes the frames of a capture to standard output, one a line, at their pace. What cannot be a line is counted and said.</summary>
internal sealed class FrameLines(CommandHost host, CaptureReader capture, double speed)
{
    private const int MostProblemsTold = 10;

    private long _frames;
    private long _brokenLines;
    private int _problems;
    private DateTimeOffset? _position;

    /// <summary>Writes them until the capture ends.</summary>
    /// <returns>The exit code: 0, or that of malformed data where something was left out.</returns>
    public async Task<int> WriteAsync(CancellationToken cancellationToken)
    {
        var status = new ReplayStatus(host.Time, () => (_position, Volatile.Read(ref _frames)));
        using (new Progress(host, status.Next))
        {
            var output = new BufferedStream(host.DataOutput, 1 << 16);
            try
            {
                await WriteAsync(output, cancellationToken);
            }
            finally
            {
                await output.FlushAsync(CancellationToken.None);
            }
        }

        if (_problems > MostProblemsTold)
            host.Tell($"kisfeed: in the capture: {CountText.Of(_problems - MostProblemsTold, "problem")} more");
        if (_brokenLines > 0)
            host.Tell($"kisfeed: {CountText.Of(_brokenLines, "frame was left out, because it has", "frames were left out, because they have")} line breaks in {(_brokenLines == 1 ? "it" : "them")}; 'kisfeed replay' without --stdout sends {(_brokenLines == 1 ? "it" : "them")}");
        return _problems + _brokenLines > 0 ? ExitCode.MalformedData : ExitCode.Success;
    }

    private async Task WriteAsync(Stream output, CancellationToken cancellationToken)
    {
        // What has been written does not wait for what is due later.
        await using var items = PacedCapture.ReadItemsAsync(capture, speed, host.Time, cancellationToken).GetAsyncEnumerator(cancellationToken);
        while (true)
        {
            var next = items.MoveNextAsync();
            if (!next.IsCompleted)
                await output.FlushAsync(cancellationToken);
            if (!await next)
                return;
            await TakeAsync(output, items.Current, cancellationToken);
        }
    }

    private async ValueTask TakeAsync(Stream output, CaptureItem item, CancellationToken cancellationToken)
    {
        if (item.Problem is { } problem)
        {
            if (++_problems <= MostProblemsTold)
                host.Tell($"kisfeed: in the capture: {problem.Message}");
        }
        else if (item.IsFrame && item.Frame.Bytes.Span.IndexOfAny((byte)'\n', (byte)'\r') >= 0)
        {
            _brokenLines++;
        }
        else if (item.IsFrame)
        {
            await output.WriteAsync(item.Frame.Bytes, cancellationToken);
            output.WriteByte((byte)'\n');
            _position = item.At;
            Volatile.Write(ref _frames, _frames + 1);
        }
    }
}
