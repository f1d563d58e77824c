using KisFeed.Capture;
using KisFeed.Simulator.Replay;

namespace KisFeed.Cli.Replaying;

/// <summary>
/// Writes the frames of a capture to standard output, one per line, at the selected speed. Frames that cannot
/// be a line are counted and reported.
/// </summary>
internal sealed class FrameLines(CommandHost host, CaptureReader capture, double speed)
{
    private const int MaxProblemsShown = 10;

    private long _frames;
    private long _brokenLines;
    private int _problems;
    private DateTimeOffset? _position;

    /// <summary>Writes until the capture ends.</summary>
    /// <returns>The exit code: 0, or that of malformed data if anything was left out.</returns>
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

        if (_problems > MaxProblemsShown)
        {
            host.WriteMessage(UiText.Of(
                $"kisfeed: in the capture: {CountText.Of(_problems - MaxProblemsShown, "problem")} more",
                $"kisfeed: 기록에 문제가 {_problems - MaxProblemsShown:N0}개 더 있습니다"));
        }
        if (_brokenLines > 0)
        {
            var frames =
                CountText.Of(_brokenLines, "frame was left out, because it contains", "frames were left out, because they contain");
            host.WriteMessage(UiText.Of(
                $"kisfeed: {frames} line breaks; 'kisfeed replay' without --stdout sends {(_brokenLines == 1 ? "it" : "them")}",
                $"kisfeed: 줄바꿈이 들어 있는 프레임 {_brokenLines:N0}개를 제외했습니다. --stdout 없이 'kisfeed replay'를 실행하면 보냅니다"));
        }
        return _problems + _brokenLines > 0 ? ExitCode.MalformedData : ExitCode.Success;
    }

    private async Task WriteAsync(Stream output, CancellationToken cancellationToken)
    {
        // Flush before waiting for the next frame.
        await using var items = new CancellableItems<CaptureItem>(
            token => PacedCapture.ReadItemsAsync(capture, speed, host.Time, token), cancellationToken);
        while (true)
        {
            var next = items.MoveNextAsync();
            if (!next.IsCompleted)
                await output.FlushAsync(cancellationToken);
            if (!await next)
                return;
            await WriteAsync(output, items.Current, cancellationToken);
        }
    }

    private async ValueTask WriteAsync(Stream output, CaptureItem item, CancellationToken cancellationToken)
    {
        if (item.Problem is { } problem)
        {
            if (++_problems <= MaxProblemsShown)
                host.WriteMessage(UiText.Of($"kisfeed: in the capture: {problem.Message}", $"kisfeed: 기록에 문제가 있습니다: {problem.Message}"));
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
