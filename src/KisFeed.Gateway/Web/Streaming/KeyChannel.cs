using System.Runtime.InteropServices;
using KisFeed.Wire;

namespace KisFeed.Gateway;

/// <summary>A key that streams have, or had a moment ago: who has it, and how far back what came of it is known. Under the lock of its <see cref="StreamDispatcher"/>.</summary>
/// <param name="feed">The feed.</param>
/// <param name="key">The key within the feed.</param>
/// <param name="since">The number before its first item.</param>
internal sealed class KeyChannel(FeedChannels feed, string key, long since)
{
    private readonly List<StreamSubscription> _subscriptions = [];

    public FeedChannels Feed => feed;

    public FeedSchema Schema => feed.Feed;

    public string Key => key;

    public HubKey HubKey => new(feed.Feed.TrId, key);

    /// <summary>The streams that have it.</summary>
    public ReadOnlySpan<StreamSubscription> Subscriptions => CollectionsMarshal.AsSpan(_subscriptions);

    /// <summary>The last record of it.</summary>
    public StreamItem? Last { get; set; }

    /// <summary>A gap that waits for the frame behind it, which says how much was missed.</summary>
    public Gap? PendingGap { get; set; }

    /// <summary>Since when no stream has it, in ticks of the clock; <see langword="null"/> where one does.</summary>
    public long? DesertedAt { get; private set; }

    /// <summary>The number of the last break, where upstream had let it go; 0 where it never has.</summary>
    public long BrokenAt { get; private set; }

    /// <summary>The number of its last item that the history has no more.</summary>
    public long ForgottenThrough { get; set; }

    /// <summary>Whether everything of it behind an item is still kept, breaks included.</summary>
    public bool IsKeptSince(long number) => number > since && number >= ForgottenThrough && number >= feed.ForgottenThrough;

    /// <summary>Whether everything of it behind an item is known: it is kept, and there is no break.</summary>
    public bool IsKnownSince(long number) => IsKeptSince(number) && number > BrokenAt;

    /// <summary>Upstream has let it go: what comes between this and the next item is not known.</summary>
    public void Break(long number)
    {
        BrokenAt = number;
        Last = null;
    }

    public void Add(StreamSubscription subscription)
    {
        subscription.Place = _subscriptions.Count;
        _subscriptions.Add(subscription);
        DesertedAt = null;
    }

    public void Remove(StreamSubscription subscription, long now)
    {
        var last = _subscriptions[^1];
        _subscriptions[subscription.Place] = last;
        last.Place = subscription.Place;
        _subscriptions.RemoveAt(_subscriptions.Count - 1);
        if (_subscriptions.Count > 0)
            return;
        DesertedAt = now;
        if (PendingGap is { To: null })
            PendingGap = null;
    }
}
