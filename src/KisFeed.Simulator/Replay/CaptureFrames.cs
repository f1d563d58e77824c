using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;
using System.Text;
using KisFeed.Capture;
using KisFeed.Server.Protocol;
using KisFeed.Wire;
using KisFeed.Wire.Control;
using Microsoft.Extensions.Logging;

namespace KisFeed.Simulator.Replay;

/// <summary>Reads the frames of a capture in the order of receipt. Problems are counted and logged, and reading continues.</summary>
internal sealed class CaptureFrames(CaptureReader capture, ReplayCounters counters, ILogger logger)
{
    private const int MaxLogged = 10;

    public async IAsyncEnumerable<ReplayFrame> ReadAsync(
        CaptureTime? from, CaptureTime? to, [EnumeratorCancellation] CancellationToken cancellationToken)
    {
        var items = capture.With(capture.Options with { From = from, To = to }).ReadItemsAsync(null, cancellationToken);
        var problems = 0;
        await foreach (var item in items.ConfigureAwait(false))
        {
            if (item.IsFrame)
            {
                yield return new ReplayFrame(FeedOf(item), item.Frame.Bytes, item.At) { Day = DayOf(item.Frame) };
            }
            else if (item.Event
                is
            {
                TrId: { } trId, Key: { } key, Reason: { } reason, Kind: CaptureEventKind.Gap
                    or CaptureEventKind.Interrupted
            } captureEvent)
            {
                yield return new ReplayFrame(trId, default, item.At, EventOf(captureEvent, trId, key, reason));
            }
            else if (item.Problem is { } problem && TryCountProblem(++problems))
            {
                ReplayLog.CaptureProblem(logger, problem.Message);
            }
        }

        if (problems > MaxLogged)
            ReplayLog.MoreCaptureProblems(logger, problems - MaxLogged);
    }

    private static DateOnly DayOf(in Frame frame) => frame.StatedDay ?? ExchangeTime.TradingDayOf(frame.ReceivedAt);

    private static ServerEvent EventOf(CaptureEvent captureEvent, string trId, string key, GapReason reason) =>
        captureEvent.Kind == CaptureEventKind.Gap
            ? ServerEvents.Gap(trId, key, reason, captureEvent.From, captureEvent.To, captureEvent.Frames)
            : ServerEvents.Interruption(trId, key, reason, captureEvent.At);

    private bool TryCountProblem(int number)
    {
        counters.Problem();
        return number <= MaxLogged;
    }

    // A recorder writes an unreadable frame to the file of the feed on which it was received.
    private string FeedOf(in CaptureItem item)
    {
        if (item.File.TrId is { } trId)
            return trId;
        if (!DataFrame.TryParse(item.Frame.Bytes.Span, out var frame, out _))
            return "";
        return capture.Options.Catalog.TryGet(frame.TrId, out var feed) ? feed.TrId : Encoding.ASCII.GetString(frame.TrId);
    }
}

/// <summary>A frame of a capture, or an event of a registration, which has no bytes.</summary>
/// <param name="TrId">The feed on which the frame was received; empty if unknown.</param>
/// <param name="Bytes">The frame.</param>
/// <param name="At">The time of receipt.</param>
/// <param name="Event">The event; <see langword="null"/> for a frame.</param>
[StructLayout(LayoutKind.Auto)]
internal readonly record struct ReplayFrame(string TrId, ReadOnlyMemory<byte> Bytes, DateTimeOffset At, ServerEvent? Event = null)
{
    /// <summary>The trading day of the frame: the one that was stated when it was recorded, otherwise that of its receipt.</summary>
    public DateOnly Day { get; init; }
}
