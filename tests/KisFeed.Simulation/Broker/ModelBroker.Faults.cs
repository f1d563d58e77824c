using KisFeed.Simulation.Plans;

namespace KisFeed.Simulation.Broker;

// Ends connections.
internal sealed partial class ModelBroker
{
    /// <summary>May break the connection at this moment.</summary>
    private bool Break(BrokerLink link, double weight = 0.5)
    {
        if (!link.IsAlive || link.IsSilent)
            return true;
        if (_faults.Occurs(FaultKinds.Drops, weight))
        {
            End(link, "drops the connection", _chance.Hits(0.5));
            return true;
        }

        if (!_faults.Occurs(FaultKinds.SilentDeath, weight))
            return false;
        _trace?.Add(_clock.Now, $"server: {link} dies silently");
        link.IsSilent = true;
        _clock.After(_chance.Seconds(1, 400), () => OnClosed(link));
        return true;
    }

    private void End(BrokerLink link, string why, bool abruptly = false)
    {
        if (!link.IsAlive || link.IsSilent)
            return;
        _trace?.Add(_clock.Now, $"server: {why}, {link}{(abruptly ? ", abruptly" : "")}");
        OnClosed(link);
        link.Client.Close(abruptly);
    }

    private void OnClosed(BrokerLink link)
    {
        if (!link.IsAlive)
            return;
        link.IsAlive = false;
        link.Held.Clear();
        var account = link.Account;
        if (account.Holder != link)
            return;
        if (_faults.Occurs(FaultKinds.HeldSessions, 3))
        {
            _trace?.Add(_clock.Now, $"server: still holds the dead session of {link}");
            _clock.After(_chance.Hits(0.9) ? _chance.Seconds(1, 300) : _chance.Seconds(300, 1_200), () => Release(account, link));
        }
        else
        {
            account.Holder = null;
        }
    }

    private static void Release(BrokerAccount account, BrokerLink link)
    {
        if (account.Holder == link)
            account.Holder = null;
    }

    private void Beat(BrokerLink link)
    {
        if (!link.IsAlive)
            return;
        _clock.After(_plan.HeartbeatInterval, () => Beat(link));
        if (link.IsSilent)
            return;
        if (link.UnansweredHeartbeats >= 2)
        {
            End(link, "misses answers to its heartbeats");
            return;
        }

        if (_faults.Occurs(FaultKinds.LostHeartbeats, 2))
            return;
        link.UnansweredHeartbeats++;
        link.Client.Send(ReplyText.Heartbeat(++_heartbeats), TimeSpan.Zero);
    }
}
