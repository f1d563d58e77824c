using System.Globalization;
using System.Text;
using KisFeed.Wire;

namespace KisFeed.Capture;

/// <summary>
/// Knows where data of which keys are missing in a capture, by its events and its flaws, and says so with the next record of each: of all that was the matter in between one
/// gap is made, with the volume that passed in it where the feed tells. Follows so many keys that no recording has more, so that a file that is made to fill
/// the memory does not.
/// </summary>
internal sealed class GapTracker(FeedCatalog catalog)
{
    /// <summary>So many keys are followed, of all feeds together.</summary>
    public const int MostKeys = 1 << 16;

    /// <summary>Keys of more bytes are not followed.</summary>
    public const int LongestKey = 64;

    private readonly Dictionary<string, FeedKeys> _feeds = new(StringComparer.Ordinal);
    private int _followed;

    /// <summary>What happens when there are more, or longer ones.</summary>
    public static string Limit { get; } = string.Create(CultureInfo.InvariantCulture, $"{MostKeys:N0} keys of at most {LongestKey} bytes can be told apart");

    /// <summary>Gaps that were told.</summary>
    public long Count { get; private set; }

    /// <summary>Whether keys have been met that are not followed.</summary>
    public bool HasUnfollowed { get; private set; }

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

    /// <summary>To be told of each record of each frame, in order. <see langword="false"/> where its key is not followed.</summary>
    /// <param name="feed">The feed.</param>
    /// <param name="key">The key.</param>
    /// <param name="fields">The record.</param>
    /// <param name="receivedAt">When its frame was received.</param>
    /// <param name="gap">The gap that lies before it, if one does.</param>
    public bool TryPass(FeedSchema feed, ReadOnlySpan<byte> key, in RecordFields fields, DateTimeOffset receivedAt, out Gap? gap)
    {
        gap = null;
        var keys = KeysOf(feed);
        if (Follow(keys, key) is not { } history)
            return false;
        gap = history.Pass(keys.Volumes, fields, receivedAt);
        if (gap is not null)
            Count++;
        return true;
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
                Count++;
                yield return (keys.Feed, key.Name, gap);
            }
        }
    }

    private void Mark(CaptureEvent happened, GapReason reason)
    {
        // Whose frames have not come yet may still miss some.
        if (happened is { TrId: { } trId, Key: { } key, Kind: CaptureEventKind.Gap } && catalog.TryFind(trId, out var feed))
            Follow(KeysOf(feed), Encoding.UTF8.GetBytes(key));
        foreach (var each in KeysOf(happened.TrId, happened.Key))
            each.Mark(reason, happened.From, happened.Frames);
    }

    private FeedKeys KeysOf(FeedSchema feed)
    {
        if (!_feeds.TryGetValue(feed.TrId, out var keys))
            _feeds.Add(feed.TrId, keys = new FeedKeys(feed));
        return keys;
    }

    private KeyHistory? Follow(FeedKeys keys, ReadOnlySpan<byte> key)
    {
        if (keys.Find(key) is { } known)
            return known;
        if (_followed >= MostKeys || key.Length > LongestKey)
        {
            HasUnfollowed = true;
            return null;
        }

        _followed++;
        return keys.Add(key);
    }

    private IEnumerable<KeyHistory> KeysOf(string? trId, string? key)
    {
        var name = key is null ? null : Encoding.UTF8.GetBytes(key);
        foreach (var keys in _feeds.Values)
        {
            if (trId is not null && !trId.Equals(keys.Feed.TrId, StringComparison.Ordinal))
                continue;

            // Notices of an account are told apart from others' by nothing that a frame says for sure.
            if (name is null || keys.Feed.IsNotice)
            {
                foreach (var each in keys.All)
                    yield return each;
            }
            else if (keys.Find(name) is { } named)
            {
                yield return named;
            }
        }
    }
}
