using KisFeed.Client;

namespace KisFeed.Tests.Client;

/// <summary>Reads items of queues as variables. Their bytes are valid until the next one is read.</summary>
internal static class QueueReading
{
    public static bool TryRead(this FrameQueue queue, out QueuedFrame item, out Gap? gap)
    {
        var isRead = queue.TryRead(out gap);
        item = isRead ? queue.Current : default;
        return isRead;
    }

    public static bool TryRead(this TapQueue queue, out QueuedFrame item)
    {
        var isRead = queue.TryRead();
        item = isRead ? queue.Current : default;
        return isRead;
    }
}
