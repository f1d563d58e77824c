using KisFeed.Simulation.Plans;

namespace KisFeed.Simulation.Broker;

// Closes connections.
internal sealed partial class ModelBroker
{
    /// <summary>Closes or kills the connection with the probability of such faults. Returns whether it is dead.</summary>
    private bool MaybeBreak(BrokerConnection connection, double weight = 0.5)
    {
        if (!connection.IsAlive || connection.IsSilent)
            return true;
        if (_faults.Occurs(SimulatedFaults.Drops, weight))
        {
            End(connection, "drops the connection", _random.NextBool(0.5));
            return true;
        }

        if (!_faults.Occurs(SimulatedFaults.SilentLosses, weight))
            return false;
        _trace?.Add(_clock.Now, $"server: {connection} becomes silent");
        connection.IsSilent = true;
        _clock.After(_random.NextSeconds(1, 400), () => OnClosed(connection));
        return true;
    }

    private void End(BrokerConnection connection, string reason, bool abruptly = false)
    {
        if (!connection.IsAlive || connection.IsSilent)
            return;
        _trace?.Add(_clock.Now, $"server: {reason}, {connection}{(abruptly ? ", abruptly" : "")}");
        OnClosed(connection);
        connection.Client.Close(abruptly);
    }

    private void OnClosed(BrokerConnection connection)
    {
        if (!connection.IsAlive)
            return;
        connection.IsAlive = false;
        connection.Registrations.Clear();
        var account = connection.Account;
        if (account.Holder != connection)
            return;
        if (_faults.Occurs(SimulatedFaults.HeldSessions, 3))
        {
            _trace?.Add(_clock.Now, $"server: still holds the dead session of {connection}");
            _clock.After(_random.NextBool(0.9) ? _random.NextSeconds(1, 300) : _random.NextSeconds(300, 1_200), () => Release(account, connection));
        }
        else
        {
            account.Holder = null;
        }
    }

    private static void Release(BrokerAccount account, BrokerConnection connection)
    {
        if (account.Holder == connection)
            account.Holder = null;
    }

    private void SendHeartbeat(BrokerConnection connection)
    {
        if (!connection.IsAlive)
            return;
        _clock.After(_plan.HeartbeatInterval, () => SendHeartbeat(connection));
        if (connection.IsSilent)
            return;
        if (connection.UnansweredHeartbeats >= 2)
        {
            End(connection, "received no answers to its heartbeats");
            return;
        }

        if (_faults.Occurs(SimulatedFaults.LostHeartbeats, 2))
            return;
        connection.UnansweredHeartbeats++;
        connection.Client.Send(ReplyText.Heartbeat(++_heartbeats), TimeSpan.Zero);
    }
}
