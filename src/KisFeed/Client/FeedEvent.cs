using System.Globalization;
using System.Text;
using KisFeed.Wire;

namespace KisFeed;

/// <summary>
/// Something other than data that happened to a subscription, told in order with its data: a <see cref="Gap"/>, an <see cref="Interruption"/>
/// or a <see cref="MalformedFrame"/>.
/// </summary>
public abstract record FeedEvent
{
    // No key of the broker is longer. What is may be an app key in the wrong place.
    private const int LongestShownKey = 20;

    private protected FeedEvent()
    {
    }

    /// <summary>The feed that it happened to; <see langword="null"/> for events of a session, and for a malformed frame of a feed that is not known.</summary>
    public FeedSchema? Feed { get; init; }

    /// <summary>The TR ID of the feed.</summary>
    public string? TrId => Feed?.TrId;

    /// <summary>
    /// The key of the subscription that receives it, which for order notices is the HTS ID; <see langword="null"/> for events of a session.
    /// </summary>
    public string? Key { get; init; }

    /// <summary>The event in one line: the feed and the key, times of Korea to the millisecond, and what happened. Holds no HTS ID, no key that is too long to be one, and nothing of a frame.</summary>
    public sealed override string ToString()
    {
        var text = new StringBuilder(GetType().Name).Append(" {");
        if (Feed is not null)
            text.Append(' ').Append(Feed.TrId);
        if (Key is { Length: <= LongestShownKey } && Feed is { IsNotice: false })
            text.Append(' ').Append(Key);
        return text.Append(Feed is null ? " " : ": ").Append(Description).Append(" }").ToString();
    }

    /// <summary>What happened and when, without a secret.</summary>
    private protected abstract string Description { get; }

    /// <summary>The same event, told to a subscription.</summary>
    internal FeedEvent ToldTo(FeedSchema feed, string key) => this with { Feed = feed, Key = key };

    private protected static string TimeText(DateTimeOffset moment) => KoreaTime.From(moment).ToString("yyyy-MM-dd HH:mm:ss.fff 'KST'", CultureInfo.InvariantCulture);
}
