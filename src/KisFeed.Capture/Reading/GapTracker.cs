using KisFeed.Wire;

namespace KisFeed.Capture;

/// <summary>
/// Knows where data of which keys are missing in a capture, by its events and its flaws, and says so with the next frame of each: of all that was the matter in between one
/// gap is made, with the volume that passed in it where the feed tells.
/// </summary>
internal sealed class GapTracker(FeedCatalog catalog)
{
    private readonly Dictionary<string, FeedKeys> _feeds = new(StringComparer.Ordinal);
    private long _gaps;

    /// <summary>Gaps that were told.</summary>
    public long Count => _gaps;

    /// <summary>Takes an event of the capture.</summary>
    public void Take(CaptureEvent happened)
    {
        switch (happened.Kind)
        {
            case CaptureEventKind.Gap:
                Mark(happened, happened.Reason ?? GapReason.ConnectionLost);
                break;
            case CaptureEventKind.Interrupted:
                Mark(happened with { From = null, To = null }, happened.Reason ?? GapReason.ConnectionLost);
                break;
            case CaptureEventKind.Capture when happened.IsStart:
                Mark(happened with { From = null, To = null }, GapReason.NotRecorded);
                break;
        }
    }

    /// <summary>Takes a flaw of a file.</summary>
    public void Take(CaptureProblem problem, CaptureFile file)
    {
        ArgumentNullException.ThrowIfNull(problem);
        foreach (var key in KeysOf(file.TrId, null))
            key.Mark(GapReason.Unreadable, null, null);
    }

    /// <summary>The gap that lies before a frame of a key, if one does. To be asked of each frame for each of its records, in order.</summary>
    public Gap? Pass(FeedSchema feed, ReadOnlySpan<byte> key, in Frame frame)
    {
        if (!_feeds.TryGetValue(feed.TrId, out var keys))
            _feeds.Add(feed.TrId, keys = new FeedKeys(feed));
        var gap = keys.Get(key).Pass(frame);
        if (gap is not null)
            _gaps++;
        return gap;
    }

    /// <summary>The gaps that nothing follows: of these keys data are missing at the end.</summary>
    public IEnumerable<(FeedSchema Feed, string Key, Gap Gap)> TakeLast()
    {
        foreach (var keys in _feeds.Values)
        {
            foreach (var key in keys.All)
            {
                if (key.TakeLast() is not { } gap)
                    continue;
                _gaps++;
                yield return (keys.Feed, key.Name, gap);
            }
        }
    }

    private void Mark(CaptureEvent happened, GapReason reason)
    {
        // Whose frames have not come yet may still miss some.
        if (happened is { TrId: { } trId, Key: { } name } && catalog.TryFind(trId, out var feed) && !_feeds.ContainsKey(feed.TrId))
            _feeds.Add(feed.TrId, new FeedKeys(feed));
        if (happened is { TrId: { } known, Key: { } key, Kind: CaptureEventKind.Gap } && _feeds.TryGetValue(known, out var keys))
            _ = keys.Get(System.Text.Encoding.UTF8.GetBytes(key));
        foreach (var each in KeysOf(happened.TrId, happened.Key))
            each.Mark(reason, happened.From, happened.Frames);
    }

    private IEnumerable<KeyHistory> KeysOf(string? trId, string? key)
    {
        foreach (var keys in _feeds.Values)
        {
            if (trId is not null && !trId.Equals(keys.Feed.TrId, StringComparison.Ordinal))
                continue;

            // Notices of an account are told apart from others' by nothing that a frame says for sure.
            foreach (var each in keys.All)
            {
                if (key is null || keys.Feed.IsNotice || each.Name.Equals(key, StringComparison.Ordinal))
                    yield return each;
            }
        }
    }
}
