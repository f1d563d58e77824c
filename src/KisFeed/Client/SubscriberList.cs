using System.Runtime.InteropServices;
using KisFeed.Session;
using KisFeed.Wire;

namespace KisFeed.Client;

/// <summary>The subscriptions that share one registration. Guarded by the lock of the sessions.</summary>
internal sealed class SubscriberList
{
    private readonly List<SubscriptionHandle> _handles = [];

    private ReadOnlySpan<SubscriptionHandle> Handles => CollectionsMarshal.AsSpan(_handles);

    /// <summary>The frames that wait in the queue of each subscription; taps have a queue of their own.</summary>
    public IEnumerable<int> Depths =>
        _handles.Where(static handle => !handle.IsDetached).Select(static handle => handle.Receiver).OfType<FrameQueue>()
            .Select(static queue => queue.Depth);

    /// <summary>The subscriptions of a registration.</summary>
    public static SubscriberList Of(Registration registration)
    {
        if (registration.Subscribers is SubscriberList list)
            return list;
        list = new SubscriberList();
        registration.Subscribers = list;
        return list;
    }

    /// <summary>Ends the subscriptions of a registration, with an error if it did not end on their request.</summary>
    public static void End(Registration registration, Exception? error)
    {
        Of(registration).End(error);
        registration.Subscribers = null;
    }

    /// <summary>
    /// Adds a subscription. Subscriptions that were detaching stop waiting for the release, because the registration is kept.
    /// </summary>
    public void Add(SubscriptionHandle handle)
    {
        for (var i = _handles.Count - 1; i >= 0; i--)
        {
            if (_handles[i].IsDetached)
            {
                _handles[i].Released.TrySetResult();
                _handles.RemoveAt(i);
            }
        }

        _handles.Add(handle);
    }

    public void Remove(SubscriptionHandle handle) => _handles.Remove(handle);

    /// <summary>The server holds the registration.</summary>
    public void Confirm(string session, DateTimeOffset at)
    {
        foreach (var handle in _handles)
        {
            handle.Receiver.Confirm(session, at);
            handle.Confirmed.TrySetResult();
        }
    }

    public void Write(ReadOnlySpan<byte> bytes, in FrameShape shape, DateTimeOffset receivedAt)
    {
        foreach (var handle in Handles)
        {
            if (handle.IsReceiving)
                handle.Receiver.Write(bytes, shape, receivedAt);
        }
    }

    public void Write(MalformedFrame malformed)
    {
        foreach (var handle in Handles)
        {
            if (handle.IsReceiving)
                handle.Receiver.Write(malformed);
        }
    }

    /// <summary>Subscriptions of the registration may miss data from now on.</summary>
    public void Interrupt(GapReason reason, DateTimeOffset at, bool isUpstream = false)
    {
        foreach (var handle in _handles)
        {
            // A registration sent again already delivers data; the reader learns of it with the next frame.
            if (handle.IsReceiving)
                handle.Receiver.Interrupt(reason, reason == GapReason.Renewed && !isUpstream ? null : at, isUpstream);
        }
    }

    /// <summary>The registration was evicted. Subscriptions that wait for its confirmation begin as evicted.</summary>
    public void Evict(DateTimeOffset at)
    {
        foreach (var handle in _handles)
            handle.Evict(at);
    }

    /// <summary>The server reported which data the subscriptions missed.</summary>
    public void AddUpstreamGap(Gap gap)
    {
        foreach (var handle in _handles)
        {
            if (handle.IsReceiving)
                handle.Receiver.AddUpstreamGap(gap);
        }
    }

    private void End(Exception? error)
    {
        foreach (var handle in _handles)
        {
            if (error is null)
            {
                handle.Confirmed.TrySetCanceled();
            }
            else if (handle.Confirmed.TrySetException(error))
            {
                // Observed here, because a cancelled caller does not.
                _ = handle.Confirmed.Task.Exception;
            }

            // The subscriber detached; others may register the key again.
            handle.IsDetached = true;
            handle.Receiver.Complete(error);
            handle.Released.TrySetResult();
        }
    }
}

/// <summary>Where a subscription gets its frames from.</summary>
internal interface ISubscriptionSource
{
    FeedSchema Feed { get; }

    string Key { get; }

    /// <summary>Ends the subscription. Returns once it is released.</summary>
    Task EndAsync(CancellationToken cancellationToken);
}
