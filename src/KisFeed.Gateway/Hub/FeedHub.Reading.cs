using KisFeed.Wire;

namespace KisFeed.Gateway;

// What comes from upstream, handed on in order.
internal sealed partial class FeedHub
{
    private readonly HashSet<HubKey> _confirmed = []; // By the events read so far: as things stood when the next frame came.
    private readonly WithheldNotices _withheld = new();
    private readonly HashSet<string> _withheldFeeds = new(StringComparer.Ordinal);
    private long _noticesWithheld;

    /// <summary>Order notices that nobody got, because they could not be read or their owner was not known.</summary>
    public long NoticesWithheld => Volatile.Read(ref _noticesWithheld);

    private async Task ReadAsync()
    {
        try
        {
            while (await _tap.WaitToReadAsync(_stopping.Token).ConfigureAwait(false))
            {
                while (_tap.TryRead(out var item))
                    Pass(item);
                _sink.OnPause();
            }

            _completion.TrySetResult();
        }
        catch (OperationCanceledException) when (_stopping.IsCancellationRequested)
        {
            // Asked to stop.
        }
        catch (ConnectionLostException e)
        {
            GatewayLog.Over(_logger, e.Message);
            End(e, UpstreamRefusal.CodeOf(e), e.Message);
        }
        catch (Exception e)
        {
            // Whoever waits for frames must not wait for ever.
            GatewayLog.Failed(_logger, e);
            End(e, BrokerCode.InternalError, "the gateway has failed");
        }
    }

    private void End(Exception error, BrokerCode code, string problem)
    {
        lock (_gate)
            _over = code;
        _sink.OnOver(problem);
        lock (_gate)
            _upstreamRegistrations.EndAll(code);
        _completion.TrySetException(error);
    }

    private void Pass(in TapItem item)
    {
        if (!item.IsFrame)
        {
            // What becomes of a registration may end connections, behind what came before.
            _sink.OnPause();
            Note(item);
            _sink.OnEvent(item);
            if (item is { Event: MalformedFrame malformed, Feed: { IsNotice: true } feed })
                Withhold(feed, malformed.ReceivedAt);
        }
        else
        {
            if (item.Key is { } owner && _withheld.Pass(new HubKey(item.TrId!, owner), item.Frame.ReceivedAt) is { } gap)
                TellOwner(item.Feed!, owner, gap);
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
                TellOwner(feed, key.Key, interruption);
        }
    }

    private void TellOwner(FeedSchema feed, string htsId, FeedEvent happened) => _sink.OnEvent(new TapItem(happened.ToldTo(feed, htsId), feed.TrId, feed, htsId));

    // A refusal of what has been confirmed is news; one of what has not is the answer to whoever asked for it, who gets it there.
    private void Note(in TapItem item)
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
            case RegistrationRefused refused when _confirmed.Remove(hubKey) && !_reach.IsOver:
                var code = refused.Code ?? BrokerCode.InternalError;
                GatewayLog.Lost(_logger, trId, PublicKeyOf(hubKey), code, refused.Problem);
                lock (_gate)
                {
                    if (_over is null)
                        _upstreamRegistrations.Lost(hubKey, code);
                }

                break;
        }
    }
}

/// <summary>
/// Order notices that could not be read are passed on to nobody, since each may be anybody's. Every HTS ID that it may have been for is told so at once, and what it missed before its next notice. Not for several threads at once.
/// </summary>
internal sealed class WithheldNotices
{
    private readonly Dictionary<HubKey, DateTimeOffset> _lastAt = [];
    private readonly HashSet<HubKey> _interrupted = [];

    /// <summary>A notice was withheld that may have been for this HTS ID.</summary>
    /// <returns>What to tell; <see langword="null"/> where it was told already.</returns>
    public Interruption? Withhold(HubKey key, DateTimeOffset at) => _interrupted.Add(key) ? new Interruption { At = at, Reason = GapReason.Unreadable } : null;

    /// <summary>A notice is passed on.</summary>
    /// <returns>The gap before it; <see langword="null"/> where nothing was withheld.</returns>
    public Gap? Pass(HubKey key, DateTimeOffset at)
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
