namespace KisFeed;

/// <summary>
/// Something other than data that happened to a subscription, told in order with its data: a <see cref="Gap"/>, an <see cref="Interruption"/>
/// or a <see cref="MalformedFrame"/>.
/// </summary>
public abstract record FeedEvent
{
    private protected FeedEvent()
    {
    }
}
