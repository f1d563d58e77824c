using KisFeed.Simulation.Broker;
using KisFeed.Simulation.Plans;
using KisFeed.Simulation.Time;
using KisFeed.Wire;

namespace KisFeed.Simulation.Client;

/// <summary>A connection, from the first attempt on: what is sent on it arrives later, in order unless it is held up.</summary>
internal sealed class ClientLink(SimulatedSession session, long number, VirtualClock clock, Chance chance, Action<ClientLink, ServerMessage> arrived, Action<ClientLink> closed) : IClientEnd
{
    private TimeSpan _lastUp;
    private TimeSpan _lastDown;
    private int _version;

    public long Number => number;

    public SimulatedSession Owner => session;

    int IClientEnd.Session => session.Number;

    /// <summary>The server's end, once the connection stands.</summary>
    public BrokerLink? Server { get; set; }

    /// <summary>Whether its approval key was issued for it.</summary>
    public bool IsKeyFresh { get; set; }

    /// <summary>Whether it stands, as far as the client knows.</summary>
    public bool IsOpen { get; set; }

    /// <summary>When it was opened.</summary>
    public TimeSpan OpenedAt { get; set; }

    /// <summary>When anything last arrived on it.</summary>
    public TimeSpan LastInbound { get; set; }

    public bool HasData { get; set; }

    /// <summary>The request that has not been answered yet.</summary>
    public (Topic Topic, RequestType Type, TimeSpan SentAt)? OpenRequest { get; set; }

    /// <summary>The last heartbeat, which is to be sent back.</summary>
    public byte[]? Heartbeat { get; set; }

    /// <summary>The number of the last record of each topic that has arrived, readable or not.</summary>
    public Dictionary<Topic, long> Arrived { get; } = [];

    /// <summary>Messages under way to the client.</summary>
    public int UnderWay { get; private set; }

    public void Send(ServerMessage message, TimeSpan late)
    {
        var at = WatchedItem(ref _lastDown) + late;
        var version = _version;
        UnderWay++;
        clock.At(at, () =>
        {
            UnderWay--;
            if (version == _version)
                arrived(this, message);
        });
    }

    public void Close(bool abruptly)
    {
        if (abruptly)
            _version++;
        UnderWay++;
        clock.At(WatchedItem(ref _lastDown), () =>
        {
            UnderWay--;
            closed(this);
        });
    }

    /// <summary>Sends something to the server.</summary>
    public void SendUp(Action<BrokerLink> received)
    {
        var server = Server!;
        UnderWay++;
        clock.At(WatchedItem(ref _lastUp), () =>
        {
            UnderWay--;
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
