using System.Runtime.CompilerServices;
using System.Text;
using KisFeed.Capture;
using KisFeed.Server;
using KisFeed.Wire;
using Microsoft.Extensions.Logging;

namespace KisFeed.Replay;

/// <summary>The frames of a capture in the order of receipt. What is wrong in it is counted and logged, and reading goes on.</summary>
internal sealed class CaptureFrames(CaptureReader capture, ReplayCounters counters, ILogger logger)
{
    private const int MostLogged = 10;

    public async IAsyncEnumerable<ReplayFrame> ReadAsync(CaptureTime? from, CaptureTime? to, [EnumeratorCancellation] CancellationToken cancellationToken)
    {
        var items = capture.With(capture.Options with { From = from, To = to }).ReadItemsAsync(null, cancellationToken);
        var problems = 0;
        await foreach (var item in items.ConfigureAwait(false))
        {
            if (item.IsFrame)
                yield return new ReplayFrame(FeedOf(item), item.Frame.Bytes, item.At);
            else if (item.Event is { TrId: { } trId, Key: { } key, Reason: { } reason, Kind: CaptureEventKind.Gap or CaptureEventKind.Interrupted } happened)
                yield return new ReplayFrame(trId, default, item.At, EventOf(happened, trId, key, reason));
            else if (item.Problem is { } problem && NoteProblem(++problems))
                ReplayLog.CaptureProblem(logger, problem.Message);
        }

        if (problems > MostLogged)
            ReplayLog.MoreCaptureProblems(logger, problems - MostLogged);
    }

    private static ServerEvent EventOf(CaptureEvent happened, string trId, string key, GapReason reason) => happened.Kind == CaptureEventKind.Gap
        ? ServerEvents.Gap(trId, key, reason, happened.From, happened.To, happened.Frames)
        : ServerEvents.Interruption(trId, key, reason, happened.At);

    private bool NoteProblem(int number)
    {
        counters.Problem();
        return number <= MostLogged;
    }

    // A recorder puts what it could not read with the feed that it came by.
    private string FeedOf(in CaptureItem item)
    {
        if (item.File.TrId is { } trId)
            return trId;
        if (!DataFrame.TryParse(item.Frame.Bytes.Span, out var frame, out _))
            return "";
        return capture.Options.Catalog.TryGet(frame.TrId, out var feed) ? feed.TrId : Encoding.ASCII.GetString(frame.TrId);
    }
}
