using System.Globalization;
using System.Text;
using KisFeed.Wire;

namespace KisFeed;

/// <summary>
/// An event of a subscription, delivered in order with its data: a <see cref="Gap"/>, an <see cref="Interruption"/>, a
/// <see cref="MalformedFrame"/>, <see cref="Evicted"/> and <see cref="Restored"/> or, with <see cref="SubscribeOptions.From"/>,
/// <see cref="LiveBegins"/>.
/// </summary>
public abstract record FeedEvent
{
    // No key of the broker is longer. A longer one may be an app key in the wrong place.
    private const int MaxShownKeyLength = 20;

    private protected FeedEvent()
    {
    }

    /// <summary>
    /// The feed that the event concerns; <see langword="null"/> for events of a session, and for a malformed frame of an unknown feed.
    /// </summary>
    public FeedSchema? Feed { get; init; }

    /// <summary>The TR ID of the feed.</summary>
    public string? TrId => Feed?.TrId;

    /// <summary>
    /// The key of the subscription that receives the event (for order notices, the HTS ID); <see langword="null"/> for events of a session.
    /// </summary>
    public string? Key { get; init; }

    /// <summary>
    /// The event in one line: feed and key, times in Korea time to the millisecond, and what happened. Contains no HTS ID, no key that is
    /// too long to be valid, and no frame content.
    /// </summary>
    public sealed override string ToString()
    {
        var text = new StringBuilder(GetType().Name).Append(" {");
        if (Feed is not null)
            text.Append(' ').Append(Feed.TrId);
        if (Key is { Length: <= MaxShownKeyLength } && Feed is { IsNotice: false })
            text.Append(' ').Append(Key);
        return text.Append(Feed is null ? " " : ": ").Append(Description).Append(" }").ToString();
    }

    /// <summary>What happened and when, without secrets.</summary>
    private protected abstract string Description { get; }

    internal FeedEvent AddressedTo(FeedSchema feed, string key) => this with { Feed = feed, Key = key };

    private protected static string TimeText(DateTimeOffset moment) =>
        KoreaTime.From(moment).ToString("yyyy-MM-dd HH:mm:ss.fff 'KST'", CultureInfo.InvariantCulture);
}

/// <summary>
/// Data may be missing from here on, and data received so far may be out of date until new data arrive. Delivered as soon as it is known,
/// after everything received before; the <see cref="Gap"/> that describes what was missed follows just before the next frame. Delivered
/// once for each gap, however often the session is lost again before the next frame.
/// </summary>
public sealed record Interruption : FeedEvent
{
    /// <summary>When it was noticed, by this machine's clock.</summary>
    public required DateTimeOffset At { get; init; }

    /// <summary>Why data may be missing.</summary>
    public required GapReason Reason { get; init; }

    private protected override string Description => $"{Reason} at {TimeText(At)}";
}

/// <summary>
/// A registration with a higher priority has the slot of this one (<see cref="SubscribeOptions.Priority"/>). No data arrive until
/// <see cref="Restored"/>, or in a <see cref="FrameTap"/> <see cref="RegistrationConfirmed"/>. The <see cref="Gap"/> that describes what
/// was missed follows just before the next frame.
/// </summary>
public sealed record Evicted : FeedEvent
{
    /// <summary>When it happened, by this machine's clock.</summary>
    public required DateTimeOffset At { get; init; }

    /// <summary>The same for those who only need to know that data are missing.</summary>
    internal Interruption Interruption => new() { Feed = Feed, Key = Key, At = At, Reason = GapReason.Evicted };

    private protected override string Description => $"at {TimeText(At)}";
}

/// <summary>
/// The server holds a registration again that was <see cref="Evicted"/>. A <see cref="FrameTap"/> receives
/// <see cref="RegistrationConfirmed"/> instead, as after a lost connection.
/// </summary>
public sealed record Restored : FeedEvent
{
    /// <summary>When it was noticed, by this machine's clock.</summary>
    public required DateTimeOffset At { get; init; }

    /// <summary>The name of the session that holds it: <see cref="SessionStatus.Name"/>.</summary>
    public required string Session { get; init; }

    private protected override string Description => $"session {Session} at {TimeText(At)}";
}

/// <summary>
/// The recorded data of a subscription with <see cref="SubscribeOptions.From"/> end here: what follows is live. After the connection to the
/// gateway was lost, the subscription continues in recorded data, and this follows again.
/// </summary>
public sealed record LiveBegins : FeedEvent
{
    /// <summary>The time until which the data were recorded, by the gateway's clock.</summary>
    public required DateTimeOffset At { get; init; }

    private protected override string Description => $"at {TimeText(At)}";
}

/// <summary>A frame, or a record in a frame, that could not be read. No value of it was guessed.</summary>
public sealed record MalformedFrame : FeedEvent
{
    /// <summary>What is wrong, and at which position.</summary>
    public required FrameError Error { get; init; }

    /// <summary>
    /// The whole frame, in the form that the error's position refers to. For an order notice that could be
    /// decrypted, this is the plain text.
    /// </summary>
    public required ReadOnlyMemory<byte> Raw { get; init; }

    /// <summary>When the frame was received.</summary>
    public required DateTimeOffset ReceivedAt { get; init; }

    private protected override string Description => $"{Error}, at {TimeText(ReceivedAt)}";
}

/// <summary>
/// A session has connected, or was already connected when the <see cref="FrameTap"/> was opened. The
/// confirmations of its registrations follow.
/// </summary>
public sealed record SessionConnected : FeedEvent
{
    /// <summary>When it was noticed, by this machine's clock.</summary>
    public required DateTimeOffset At { get; init; }

    /// <summary>The name of the session: <see cref="SessionStatus.Name"/>.</summary>
    public required string Session { get; init; }

    private protected override string Description => $"session {Session} at {TimeText(At)}";
}

/// <summary>A session has lost its connection. An <see cref="Interruption"/> follows for each of its registrations.</summary>
public sealed record SessionLost : FeedEvent
{
    /// <summary>When it was noticed, by this machine's clock.</summary>
    public required DateTimeOffset At { get; init; }

    /// <summary>The name of the session: <see cref="SessionStatus.Name"/>.</summary>
    public required string Session { get; init; }

    /// <summary>What went wrong. Contains no secret.</summary>
    public required string Problem { get; init; }

    private protected override string Description => $"session {Session} at {TimeText(At)}: {Problem}";
}

/// <summary>
/// The server holds a registration; its frames may follow. A <see cref="FrameTap"/> receives this when a registration is added, and again
/// when it is restored on another connection or after it was <see cref="Evicted"/>.
/// </summary>
public sealed record RegistrationConfirmed : FeedEvent
{
    /// <summary>When it was noticed, by this machine's clock.</summary>
    public required DateTimeOffset At { get; init; }

    /// <summary>The name of the session that holds it: <see cref="SessionStatus.Name"/>.</summary>
    public required string Session { get; init; }

    private protected override string Description => $"session {Session} at {TimeText(At)}";
}

/// <summary>
/// The first frame of a registration of a <see cref="FrameTap"/> follows, after the <see cref="Gap"/> before it if there is one.
/// </summary>
public sealed record FirstFrame : FeedEvent
{
    /// <summary>When the frame was received.</summary>
    public required DateTimeOffset At { get; init; }

    private protected override string Description => $"at {TimeText(At)}";
}

/// <summary>
/// A registration of a <see cref="FrameTap"/> was refused or could not be restored. It is removed for good;
/// it can be added again as a new one.
/// </summary>
public sealed record RegistrationRefused : FeedEvent
{
    /// <summary>When it was noticed, by this machine's clock.</summary>
    public required DateTimeOffset At { get; init; }

    /// <summary>The broker's code; <see langword="null"/> if the reason is not an answer of the broker.</summary>
    public BrokerCode? Code { get; init; }

    /// <summary>The broker's text, with secrets removed; empty if there is none.</summary>
    public string BrokerText { get; init; } = "";

    /// <summary>What is wrong and what to do. Contains no secret.</summary>
    public required string Problem { get; init; }

    private protected override string Description => $"{Problem}, at {TimeText(At)}";
}

/// <summary>
/// A <see cref="FrameTap"/> receives no more frames of a registration, because it was removed or because
/// the client or the tap was disposed.
/// </summary>
public sealed record RegistrationReleased : FeedEvent
{
    /// <summary>When it happened, by this machine's clock.</summary>
    public required DateTimeOffset At { get; init; }

    private protected override string Description => $"at {TimeText(At)}";
}

/// <summary>
/// The replayed day has ended: the server sends no more data, but the session stays connected. Only KisFeed's own servers report this.
/// </summary>
public sealed record DataEnded : FeedEvent
{
    /// <summary>When it was noticed, by this machine's clock.</summary>
    public required DateTimeOffset At { get; init; }

    /// <summary>The name of the session: <see cref="SessionStatus.Name"/>.</summary>
    public required string Session { get; init; }

    private protected override string Description => $"session {Session} at {TimeText(At)}";
}
