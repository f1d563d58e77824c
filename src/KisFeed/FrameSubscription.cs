using System.Runtime.CompilerServices;
using KisFeed.Client;

namespace KisFeed;

/// <summary>A subscription to frames as bytes, without decoding. A frame that contains records of several keys is returned whole.</summary>
public sealed class FrameSubscription : FeedSubscription
{
    private readonly MissedVolumeCalculator _volume;

    // The item after a gap, kept for a reader that stops at the gap.
    private FrameItem? _itemAfterGap;

    internal FrameSubscription(ISubscriptionSource source, FrameQueue queue)
        : base(source, queue) =>
        _volume = new MissedVolumeCalculator(Feed, Key);

    /// <summary>The frames as they arrive, with gaps, interruptions and malformed frames in order.</summary>
    /// <exception cref="ConnectionLostException">The connection was lost permanently; everything received
    /// before has been returned.</exception>
    public async IAsyncEnumerable<FrameItem> ReadAllAsync([EnumeratorCancellation] CancellationToken cancellationToken = default)
    {
        BeginReading();
        try
        {
            while (_itemAfterGap is not null || await Queue.WaitToReadAsync(cancellationToken).ConfigureAwait(false))
            {
                if (_itemAfterGap is { } left)
                {
                    _itemAfterGap = null;
                    yield return left;
                }

                while (!cancellationToken.IsCancellationRequested && TryReadItem(out var item, out var gap))
                {
                    if (gap is null)
                    {
                        yield return item;
                        continue;
                    }

                    _itemAfterGap = item;
                    yield return new FrameItem(gap.AddressedTo(Feed, Key));
                    break;
                }
            }

            if (Queue.ReadFinalGap() is { } last)
                yield return new FrameItem(last.AddressedTo(Feed, Key));
            Queue.ThrowIfFailed();
        }
        finally
        {
            EndReading();
        }
    }

    // The consumer may modify its bytes, so it gets a copy; later gaps are measured by the originals.
    private bool TryReadItem(out FrameItem item, out Gap? gap)
    {
        if (!Queue.TryRead(out gap))
        {
            item = default;
            return false;
        }

        ref readonly var queued = ref Queue.Current;
        if (gap is not null)
            gap = _volume.Measure(gap, Queue);
        item = queued.Event is { } @event
            ? new FrameItem(@event.AddressedTo(Feed, Key))
            : new FrameItem(
                Feed,
                new Frame(queued.Text.ToArray(), queued.ReceivedAt) { StatedDay = queued.Shape.StatedDay },
                queued.Shape,
                Feed.IsNotice ? Key : null);
        return true;
    }
}

/// <summary>A data frame as received, with the time of receipt.</summary>
/// <param name="Bytes">The frame, <c>flag|TR_ID|count|payload</c>; an order notice is in its decrypted form with flag 0.</param>
/// <param name="ReceivedAt">When it was received.</param>
public readonly record struct Frame(ReadOnlyMemory<byte> Bytes, DateTimeOffset ReceivedAt)
{
    /// <summary>
    /// The trading day that the source states for it: that of a simulated or replayed market. <see langword="null"/> for live data, whose
    /// times of day are near the time of receipt.
    /// </summary>
    public DateOnly? StatedDay { get; init; }
}
