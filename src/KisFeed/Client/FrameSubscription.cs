using System.Runtime.CompilerServices;

namespace KisFeed;

/// <summary>A subscription to frames as bytes: nothing is decoded. A frame that holds records of several keys is returned whole.</summary>
public sealed class FrameSubscription : FeedSubscription
{
    internal FrameSubscription(SessionConnection connection, Attachment attachment)
        : base(connection, attachment)
    {
    }

    /// <summary>The frames as they arrive, with gaps and malformed frames in their places.</summary>
    /// <exception cref="ConnectionLostException">The connection ended; everything received before has been returned.</exception>
    public async IAsyncEnumerable<FrameItem> ReadAllAsync([EnumeratorCancellation] CancellationToken cancellationToken = default)
    {
        BeginReading();
        try
        {
            while (await Queue.WaitToReadAsync(cancellationToken).ConfigureAwait(false))
            {
                while (Queue.TryRead(out var item, out var gap))
                {
                    if (gap is not null)
                        yield return new FrameItem(gap);
                    if (item.Malformed is { } malformed)
                        yield return new FrameItem(malformed);
                    else
                        yield return new FrameItem(new Frame(item.Buffer.AsMemory(0, item.Length), item.ReceivedAt), item.Shape);
                }
            }

            if (Queue.TakeFinalGap() is { } last)
                yield return new FrameItem(last);
            Queue.ThrowIfFailed();
        }
        finally
        {
            EndReading();
        }
    }
}
