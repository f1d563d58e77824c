using KisFeed.Simulation.Broker;
using KisFeed.Simulation.Plans;
using KisFeed.Simulation.Time;
using KisFeed.Wire.Control;

namespace KisFeed.Simulation.Client;

/// <summary>
/// The client's end of a connection, starting with the attempt. Messages arrive with a delay, and in order unless one is delayed further.
/// </summary>
internal sealed class ClientConnection(
    SimulatedSession session, long number, VirtualClock clock, SeededRandom random, Action<ClientConnection, ServerMessage> arrived,
    Action<ClientConnection> closed)
    : IClientConnection
{
    private TimeSpan _lastUp;
    private TimeSpan _lastDown;
    private int _version;

    public long Number => number;

    public SimulatedSession Owner => session;

    int IClientConnection.Session => session.Number;

    /// <summary>The server's end, once the connection is established.</summary>
    public BrokerConnection? Server { get; set; }

    /// <summary>Whether its approval key was issued for this attempt.</summary>
    public bool IsKeyFresh { get; set; }

    /// <summary>Whether the connection is established, as far as the client knows.</summary>
    public bool IsOpen { get; set; }

    /// <summary>When the connection was opened.</summary>
    public TimeSpan OpenedAt { get; set; }

    /// <summary>When the last message arrived.</summary>
    public TimeSpan LastInbound { get; set; }

    public bool HasData { get; set; }

    /// <summary>The unanswered request.</summary>
    public (Topic Topic, RequestType Type, TimeSpan SentAt)? OpenRequest { get; set; }

    /// <summary>The last heartbeat, which must be sent back.</summary>
    public byte[]? Heartbeat { get; set; }

    /// <summary>The number of the last record of each topic that has arrived, readable or not.</summary>
    public Dictionary<Topic, long> Arrived { get; } = [];

    /// <summary>The number of messages in transit to the client or the server.</summary>
    public int InTransit { get; private set; }

    public void Send(ServerMessage message, TimeSpan late)
    {
        var at = NextArrival(ref _lastDown) + late;
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
        clock.At(NextArrival(ref _lastDown), () =>
        {
            InTransit--;
            closed(this);
        });
    }

    /// <summary>Sends a message to the server.</summary>
    public void SendUp(Action<BrokerConnection> received)
    {
        var server = Server!;
        InTransit++;
        clock.At(NextArrival(ref _lastUp), () =>
        {
            InTransit--;
            received(server);
        });
    }

    public override string ToString() => $"{session.Number}/{number}";

    private TimeSpan NextArrival(ref TimeSpan last)
    {
        var at = clock.Now + random.NextMilliseconds(1, 40);
        last = at > last ? at : last;
        return last;
    }
}
