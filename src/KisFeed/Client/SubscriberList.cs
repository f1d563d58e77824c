using System.Runtime.InteropServices;

namespace KisFeed;

/// <summary>The subscriptions that share one registration. Changed and read under the connection's lock.</summary>
internal sealed class SubscriberList
{
    private readonly List<SubscriptionHandle> _attachments = [];

    public ReadOnlySpan<SubscriptionHandle> Attachments => CollectionsMarshal.AsSpan(_attachments);

    /// <summary>Adds a subscription. Those that were leaving need not wait for the release any more: it will not come.</summary>
    public void Add(SubscriptionHandle handle)
    {
        for (var i = _attachments.Count - 1; i >= 0; i--)
        {
            if (_attachments[i].IsDetached)
            {
                _attachments[i].Released.TrySetResult();
                _attachments.RemoveAt(i);
            }
        }

        _attachments.Add(handle);
    }

    public void Remove(SubscriptionHandle handle) => _attachments.Remove(handle);

    /// <summary>The server holds the registration.</summary>
    public void Confirm(string session, DateTimeOffset at)
    {
        foreach (var handle in _attachments)
        {
            handle.Receiver.Confirm(session, at);
            handle.Confirmed.TrySetResult();
        }
    }

    /// <summary>Those that have the registration may miss data from now on.</summary>
    public void Interrupt(GapReason reason, DateTimeOffset at, bool isUpstream = false)
    {
        foreach (var handle in _attachments)
        {
            if (!handle.IsReceiving)
                continue;

            // What was made anew flows again already; who reads need not hear of that before the next frame.
            if (reason == GapReason.Renewed && !isUpstream)
                handle.Receiver.Interrupt(reason);
            else
                handle.Receiver.Interrupt(reason, at, isUpstream);
        }
    }

    /// <summary>The server told those that have the registration what they missed.</summary>
    public void Miss(Gap gap)
    {
        foreach (var handle in _attachments)
        {
            if (handle.IsReceiving)
                handle.Receiver.Miss(gap);
        }
    }

    public void End(Exception? error)
    {
        foreach (var handle in _attachments)
        {
            if (error is null)
            {
                handle.Confirmed.TrySetCanceled();
            }
            else if (handle.Confirmed.TrySetException(error))
            {
                // Nobody looks at it where the wait was cancelled.
                _ = handle.Confirmed.Task.Exception;
            }

            // It wants the registration no more, which may yet be made anew for others.
            handle.IsDetached = true;
            handle.Receiver.Complete(error);
            handle.Released.TrySetResult();
        }
    }
}
