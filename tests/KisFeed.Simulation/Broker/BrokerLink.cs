namespace KisFeed.Simulation.Broker;

/// <summary>A connection as the server sees it.</summary>
internal sealed class BrokerLink(BrokerAccount account, IClientEnd client)
{
    private readonly Dictionary<Topic, long> _registered = [];
    private readonly List<BrokerRegistration> _issued = [];

    public BrokerAccount Account => account;

    public IClientEnd Client => client;

    /// <summary>Whether the server still serves it.</summary>
    public bool IsAlive { get; set; } = true;

    /// <summary>Whether the line is dead without either end knowing: nothing gets through any more.</summary>
    public bool IsSilent { get; set; }

    /// <summary>Whether a request was accepted on it, so that it owns the session.</summary>
    public bool IsAdmitted { get; set; }

    public int UnansweredHeartbeats { get; set; }

    public Dictionary<Topic, BrokerRegistration> Held { get; } = [];

    /// <summary>Every key and IV that was issued on it.</summary>
    public IReadOnlyList<BrokerRegistration> Issued => _issued;

    /// <summary>The number of the last record before the topic was last registered on it; <see langword="null"/> if it never was.</summary>
    public long? RegisteredSince(Topic topic) => _registered.TryGetValue(topic, out var since) ? since : null;

    public void Hold(BrokerRegistration registration)
    {
        Held[registration.Topic] = registration;
        _registered[registration.Topic] = registration.Since;
        _issued.Add(registration);
    }

    public override string ToString() => client.ToString()!;
}

/// <summary>The client's end of a connection, as far as the server can reach it.</summary>
internal interface IClientEnd
{
    /// <summary>The client's number of the connection.</summary>
    long Number { get; }

    /// <summary>The session that it belongs to.</summary>
    int Session { get; }

    /// <summary>Sends a message to the client.</summary>
    /// <param name="message">The message.</param>
    /// <param name="late">An extra delay, out of order; zero to keep the order of sending.</param>
    void Send(ServerMessage message, TimeSpan late);

    /// <summary>Ends the connection.</summary>
    /// <param name="abruptly">Whether messages in transit are lost.</param>
    void Close(bool abruptly);
}
