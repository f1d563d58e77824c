using KisFeed.Simulation.Broker;
using KisFeed.Simulation.Plans;
using KisFeed.Simulation.Time;
using KisFeed.Wire.Control;

namespace KisFeed.Simulation.Client;

/// <summary>A connection from its first attempt on. Messages on it arrive later, in order unless one is delayed.</summary>
internal sealed class ClientLink(SimulatedSession session, long number, VirtualClock clock, Chance chance, Action<ClientLink, ServerMessage> arrived, Action<ClientLink> closed) : IClientEnd
{
    private TimeSpan _lastUp;
    private TimeSpan _lastDown;
    private int _version;

    public long Number => number;

    public SimulatedSession Owner => session;

    int IClientEnd.Session => session.Number;

    /// <summary>The server's end, once the connection is established.</summary>
    public BrokerLink? Server { get; set; }

    /// <summary>Whether its approval key was issued for it.</summary>
    public bool IsKeyFresh { get; set; }

    /// <summary>Whether it is established, as far as the client knows.</summary>
    public bool IsOpen { get; set; }

    /// <summary>When it was opened.</summary>
    public TimeSpan OpenedAt { get; set; }

    /// <summary>When anything last arrived on it.</summary>
    public TimeSpan LastInbound { get; set; }

    public bool HasData { get; set; }

    /// <summary>The request that has not been answered yet.</summary>
    public (Topic Topic, RequestType Type, TimeSpan SentAt)? OpenRequest { get; set; }

    /// <summary>The last heartbeat, which must be sent back.</summary>
    public byte[]? Heartbeat { get; set; }

    /// <summary>The number of the last record of each topic that has arrived, readable or not.</summary>
    public Dictionary<Topic, long> Arrived { get; } = [];

    /// <summary>Number of messages in transit to the client.</summary>
    public int InTransit { get; private set; }

    public void Send(ServerMessage message, TimeSpan late)
    {
        var at = WatchedItem(ref _lastDown) + late;
        var version = _version;
        InTransit++;
        clock.At(at, () =>
        {
            InTransit--;
            if (version == _version)
                arrived(this, message);
        });
    }

    public void Close(bool abruptly)
    {
        if (abruptly)
            _version++;
        InTransit++;
        clock.At(WatchedItem(ref _lastDown), () =>
        {
            InTransit--;
            closed(this);
        });
    }

    /// <summary>Sends something to the server.</summary>
    public void SendUp(Action<BrokerLink> received)
    {
        var server = Server!;
        InTransit++;
        clock.At(WatchedItem(ref _lastUp), () =>
        {
            InTransit--;
            received(server);
        });
    }

    public override string ToString() => $"{session.Number}/{number}";

    private TimeSpan WatchedItem(ref TimeSpan last)
    {
        var at = clock.Now + chance.Milliseconds(1, 40);
        last = at > last ? at : last;
        return last;
    }
}
