using System.Runtime.CompilerServices;

namespace KisFeed;

/// <summary>A subscription to frames as bytes: nothing is decoded. A frame that holds records of several keys is returned whole.</summary>
public sealed class FrameSubscription : FeedSubscription
{
    private readonly MissedVolumeCalculator _volume;

    // What stands behind a gap, for a reader that stops at the gap.
    private FrameItem? _behindGap;

    internal FrameSubscription(ClientRuntime host, SubscriptionHandle handle, FrameQueue queue)
        : base(host, handle, queue) =>
        _volume = new MissedVolumeCalculator(Feed, Key);

    /// <summary>The frames as they arrive, with gaps, interruptions and malformed frames in their places.</summary>
    /// <exception cref="ConnectionLostException">The connection ended; everything received before has been returned.</exception>
    public async IAsyncEnumerable<FrameItem> ReadAllAsync([EnumeratorCancellation] CancellationToken cancellationToken = default)
    {
        BeginReading();
        try
        {
            while (_behindGap is not null || await Queue.WaitToReadAsync(cancellationToken).ConfigureAwait(false))
            {
                if (_behindGap is { } left)
                {
                    _behindGap = null;
                    yield return left;
                }

                while (!cancellationToken.IsCancellationRequested && TryTake(out var item, out var gap))
                {
                    if (gap is null)
                    {
                        yield return item;
                        continue;
                    }

                    _behindGap = item;
                    yield return new FrameItem(gap.ToldTo(Feed, Key));
                    break;
                }
            }

            if (Queue.TakeFinalGap() is { } last)
                yield return new FrameItem(last.ToldTo(Feed, Key));
            Queue.ThrowIfFailed();
        }
        finally
        {
            EndReading();
        }
    }

    // The consumer may do with its bytes what it likes, so they are not those that a later gap is measured by.
    private bool TryTake(out FrameItem item, out Gap? gap)
    {
        if (!Queue.TryRead(out var queued, out gap))
        {
            item = default;
            return false;
        }

        if (gap is not null)
            gap = _volume.Measure(gap, Queue.Last, queued);
        item = queued.Event is { } @event
            ? new FrameItem(@event.ToldTo(Feed, Key))
            : new FrameItem(new Frame(queued.Text.ToArray(), queued.ReceivedAt), queued.Shape);
        Queue.Return(queued);
        return true;
    }
}
