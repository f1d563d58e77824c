using KisFeed.Wire;

namespace KisFeed.Gateway.Hub;

// Reads frames and events from upstream and dispatches them in order.
internal sealed partial class FeedHub
{
    // A source that runs the reader on its own thread needs that thread for the next batch.
    private const int MaxItemsHere = 1000;

    private readonly HashSet<HubKey> _confirmed = []; // According to the events read so far, i.e. when the next frame was received.
    private readonly WithheldNotices _withheld = new();
    private readonly HashSet<string> _withheldFeeds = new(StringComparer.Ordinal);
    private long _noticesWithheld;

    /// <summary>Order notices that were not delivered, because they could not be read or their owner was unknown.</summary>
    public long NoticesWithheld => Volatile.Read(ref _noticesWithheld);

    private async Task ReadAsync()
    {
        try
        {
            while (await _tap.WaitToReadAsync(_stopping.Token).ConfigureAwait(false))
            {
                for (var left = MaxItemsHere; _tap.TryRead(out var item); left--)
                {
                    Dispatch(item);
                    if (left > 1)
                        continue;
                    _sink.OnIdle();
                    await Task.Yield();
                    left = MaxItemsHere;
                }

                _sink.OnIdle();
            }

            _completion.TrySetResult();
        }
        catch (OperationCanceledException) when (_stopping.IsCancellationRequested)
        {
            // The hub is stopping.
        }
        catch (ConnectionLostException e)
        {
            GatewayLog.Over(_logger, e.Message);
            End(e, UpstreamRefusal.CodeOf(e), e.Message);
        }
        catch (Exception e)
        {
            // Waiting consumers must learn that nothing more comes.
            GatewayLog.Failed(_logger, e);
            End(e, BrokerCode.InternalError, "the gateway failed");
        }
    }

    private void End(Exception error, BrokerCode code, string problem)
    {
        lock (_gate)
            _endCode = code;
        _sink.OnUpstreamEnded(problem);
        lock (_gate)
            _registrations.EndAll(code);
        _completion.TrySetException(error);
    }

    private void Dispatch(in TapItem item)
    {
        if (!item.IsFrame)
        {
            // The event may close connections, which must happen after the frames before it are delivered.
            _sink.OnIdle();
            TrackRegistration(item);
            _sink.OnEvent(item);
            if (item is { Event: MalformedFrame malformed, Feed: { IsNotice: true } feed })
                Withhold(feed, malformed.ReceivedAt);
        }
        else
        {
            if (item.Key is { } owner && _withheld.OnDelivered(new HubKey(item.TrId!, owner), item.Frame.ReceivedAt) is { } gap)
                NotifyOwner(item.Feed!, owner, gap);
            _sink.OnFrame(item, item.Key);
        }
    }

    private void Withhold(FeedSchema feed, DateTimeOffset at)
    {
        Interlocked.Increment(ref _noticesWithheld);
        if (_withheldFeeds.Add(feed.TrId))
            GatewayLog.NoticeWithheld(_logger, feed.TrId);
        foreach (var key in _confirmed.Where(key => key.TrId == feed.TrId))
        {
            if (_withheld.Withhold(key, at) is { } interruption)
                NotifyOwner(feed, key.Key, interruption);
        }
    }

    private void NotifyOwner(FeedSchema feed, string htsId, FeedEvent feedEvent) => _sink.OnEvent(new TapItem(feedEvent.AddressedTo(feed, htsId), feed.TrId, feed, htsId));

    // Only a refusal after the confirmation is handled here. A refusal before it is the answer to the pending request.
    private void TrackRegistration(in TapItem item)
    {
        if (item.TrId is not { } trId || item.Key is not { } key)
            return;
        var hubKey = new HubKey(trId, key);
        switch (item.Event)
        {
            case RegistrationConfirmed:
                _confirmed.Add(hubKey);
                break;
            case RegistrationReleased:
                _confirmed.Remove(hubKey);
                _withheld.Forget(hubKey);
                break;
            case RegistrationRefused refused when _confirmed.Remove(hubKey) && !_health.HasEnded:
                var code = refused.Code ?? BrokerCode.InternalError;
                GatewayLog.Lost(_logger, trId, PublicKeyOf(hubKey), code, refused.Problem);
                lock (_gate)
                {
                    if (_endCode is null)
                        _registrations.OnLost(hubKey, code);
                }

                break;
        }
    }
}

/// <summary>
/// Order notices that cannot be read are not delivered, because each may belong to any HTS ID. Every HTS ID that it may belong to gets an
/// interruption at once, and a gap before its next notice. Not thread-safe.
/// </summary>
internal sealed class WithheldNotices
{
    private readonly Dictionary<HubKey, DateTimeOffset> _lastAt = [];
    private readonly HashSet<HubKey> _interrupted = [];

    /// <summary>Records that a notice was withheld that may belong to this HTS ID.</summary>
    /// <returns>The interruption to deliver; <see langword="null"/> if one was delivered already.</returns>
    public Interruption? Withhold(HubKey key, DateTimeOffset at) => _interrupted.Add(key) ? new Interruption { At = at, Reason = GapReason.Unreadable } : null;

    /// <summary>Records that a notice of this HTS ID is delivered.</summary>
    /// <returns>The gap before it; <see langword="null"/> if no notice was withheld.</returns>
    public Gap? OnDelivered(HubKey key, DateTimeOffset at)
    {
        var gap = _interrupted.Remove(key) ? new Gap { Reason = GapReason.Unreadable, From = _lastAt.TryGetValue(key, out var last) ? last : null, To = at } : null;
        _lastAt[key] = at;
        return gap;
    }

    /// <summary>The HTS ID is no longer registered.</summary>
    public void Forget(HubKey key)
    {
        _lastAt.Remove(key);
        _interrupted.Remove(key);
    }
}
