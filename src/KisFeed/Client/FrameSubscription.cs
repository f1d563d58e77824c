using System.Runtime.CompilerServices;

namespace KisFeed;

/// <summary>A subscription to frames as bytes: nothing is decoded. A frame that holds records of several keys is returned whole.</summary>
public sealed class FrameSubscription : FeedSubscription
{
    // What stands behind a gap, for a reader that stops at the gap.
    private FrameItem? _behindGap;

    internal FrameSubscription(SessionHost host, Attachment attachment)
        : base(host, attachment)
    {
    }

    /// <summary>The frames as they arrive, with gaps and malformed frames in their places.</summary>
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

                while (!cancellationToken.IsCancellationRequested && Queue.TryRead(out var queued, out var gap))
                {
                    var item = queued.Malformed is { } malformed
                        ? new FrameItem(malformed)
                        : new FrameItem(new Frame(queued.Buffer.AsMemory(0, queued.Length), queued.ReceivedAt), queued.Shape);
                    if (gap is null)
                    {
                        yield return item;
                        continue;
                    }

                    _behindGap = item;
                    yield return new FrameItem(gap);
                    break;
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
