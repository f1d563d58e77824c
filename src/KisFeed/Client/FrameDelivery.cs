using KisFeed.Session;
using KisFeed.Wire;

namespace KisFeed.Client;

/// <summary>Delivers a frame to the subscriptions of its registrations and to taps. Called under the lock of the sessions.</summary>
internal static class FrameDelivery
{
    public static void Deliver(
        ReadOnlySpan<Registration> registrations, List<TapQueue> taps, in DataFrame frame, in FrameShape shape, DateTimeOffset receivedAt)
    {
        foreach (var registration in registrations)
            SubscriberList.Of(registration).Write(frame.Bytes, shape, receivedAt);
        foreach (var tap in taps)
            tap.EndFrame(frame.Bytes, shape, receivedAt);
    }

    /// <summary>Delivers a frame that cannot be read. If it may concern every registration, it is copied once for all.</summary>
    public static void DeliverMalformed(
        ReadOnlySpan<Registration> registrations,
        List<TapQueue> taps,
        in FrameError error,
        ReadOnlySpan<byte> raw,
        DateTimeOffset receivedAt)
    {
        var feed = registrations[0].Feed;
        foreach (var registration in registrations)
            feed = feed == registration.Feed ? feed : null;
        var malformed = new MalformedFrame { Feed = feed, Error = error, Raw = raw.ToArray(), ReceivedAt = receivedAt };
        foreach (var registration in registrations)
            SubscriberList.Of(registration).Write(malformed);
        foreach (var tap in taps)
            tap.EndFrame(malformed);
    }
}
