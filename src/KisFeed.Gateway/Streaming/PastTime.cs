using KisFeed.Capture;
using KisFeed.Gateway.Dispatching;
using KisFeed.Gateway.History;
using KisFeed.Gateway.Http;
using KisFeed.Wire;
using Microsoft.AspNetCore.Http;

namespace KisFeed.Gateway.Streaming;

/// <summary>The time from which recorded data is requested.</summary>
internal static class PastTime
{
    public const string Expected = "it must be a time of today in Korea (09:00), a date (2026-11-20), a date and time (2026-11-20T09:00), "
        + "a duration before now (-15m), or the id of an item, and not in the future";

    private const int RetrySeconds = 10;

    /// <summary>Parses a time.</summary>
    /// <param name="text">The text.</param>
    /// <param name="now">The current time.</param>
    /// <param name="position">The position before everything received at that time or later; for an id, the one behind that item.</param>
    /// <param name="mayBeLater">Whether a time in the future is valid.</param>
    public static bool TryParse(string text, DateTimeOffset now, out HistoryPosition position, bool mayBeLater = false)
    {
        position = default;
        if (StreamId.TryParse(text, out var id))
        {
            position = id.Position;
        }
        else if (text.StartsWith('-') && DurationText.Parse(text.AsSpan(1)) is { } ago)
        {
            position = HistoryPosition.Before(now.UtcTicks > ago.Ticks ? now - ago : DateTimeOffset.MinValue);
        }
        else
        {
            if (!CaptureTime.TryParse(text, out var time))
                return false;
            position = HistoryPosition.Before(
                time.Instant ?? new DateTimeOffset(KoreaTime.From(now).Date, KoreaTime.Offset) + time.TimeOfDay!.Value.ToTimeSpan());
        }

        return mayBeLater || position.At <= now;
    }

    /// <summary>The answer if the archive of the recording is needed, and cannot be read now.</summary>
    public static Problem Unavailable(CaptureArchiveException e) =>
        new(StatusCodes.Status503ServiceUnavailable, "historyUnavailable", "This part of the past is only in the database of the "
            + $"recording, which cannot be read now: {e.Message}. Try again later, or request a later time.")
        {
            RetryAfter = RetrySeconds,
        };

    /// <summary>Why the past of some keys from a time on cannot be read now; <see langword="null"/> if it can.</summary>
    public static async Task<Problem?> FindProblemAsync(
        HistorySource? source, IEnumerable<StreamTarget> requested, DateTimeOffset from, CancellationToken cancellationToken)
    {
        if (source is null)
            return null;
        try
        {
            await source.CheckAsync(
                [.. requested.Select(target => target.Feed.TrId).Distinct(StringComparer.Ordinal)],
                from,
                cancellationToken).ConfigureAwait(false);
            return null;
        }
        catch (CaptureArchiveException e)
        {
            return Unavailable(e);
        }
    }

    /// <summary>Why the past of some keys cannot be sent; <see langword="null"/> if it can.</summary>
    public static Problem? ProblemOf(HistorySource? source, IEnumerable<StreamTarget> requested)
    {
        if (source is null)
        {
            return Problem.Malformed(
                "noHistory", "This gateway does not record, so it has no past to send. Its operator can start it with --record DIR.",
                StatusCodes.Status404NotFound);
        }
        return requested.FirstOrDefault(target => !source.Has(target.Feed)) is { } target
            ? Problem.Malformed("noHistory", $"This gateway does not record order notices ({target.Feed.TrId}), "
                + "so it has no past of them to send. Its operator can start it with --record-notices.", StatusCodes.Status404NotFound)
            : null;
    }
}
