namespace KisFeed.Simulation.Broker;

/// <summary>The server's end of a connection.</summary>
internal sealed class BrokerConnection(BrokerAccount account, IClientConnection client)
{
    private readonly Dictionary<Topic, long> _registered = [];
    private readonly List<BrokerRegistration> _issued = [];

    public BrokerAccount Account => account;

    public IClientConnection Client => client;

    /// <summary>Whether the server still serves the connection.</summary>
    public bool IsAlive { get; set; } = true;

    /// <summary>Whether the connection is dead without either end knowing: no message arrives any more.</summary>
    public bool IsSilent { get; set; }

    /// <summary>Whether a request was accepted on the connection, so that it owns the session.</summary>
    public bool IsAdmitted { get; set; }

    public int UnansweredHeartbeats { get; set; }

    public Dictionary<Topic, BrokerRegistration> Registrations { get; } = [];

    /// <summary>All registrations, and with them the keys and IVs, that were issued on the connection.</summary>
    public IReadOnlyList<BrokerRegistration> Issued => _issued;

    /// <summary>
    /// The number of the last record before the topic was last registered on the connection; <see langword="null"/> if it never was.
    /// </summary>
    public long? RegisteredSince(Topic topic) => _registered.TryGetValue(topic, out var since) ? since : null;

    public void Add(BrokerRegistration registration)
    {
        Registrations[registration.Topic] = registration;
        _registered[registration.Topic] = registration.Since;
        _issued.Add(registration);
    }

    public override string ToString() => client.ToString()!;
}

/// <summary>The client's end of a connection, as the server uses it.</summary>
internal interface IClientConnection
{
    /// <summary>The number of the connection within its session.</summary>
    long Number { get; }

    /// <summary>The number of the session.</summary>
    int Session { get; }

    /// <summary>Sends a message to the client.</summary>
    /// <param name="message">The message.</param>
    /// <param name="late">An extra delay, out of order; zero keeps the order of sending.</param>
    void Send(ServerMessage message, TimeSpan late);

    /// <summary>Closes the connection.</summary>
    /// <param name="abruptly">Whether messages in transit are lost.</param>
    void Close(bool abruptly);
}
