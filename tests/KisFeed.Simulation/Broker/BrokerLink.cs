namespace KisFeed.Simulation.Broker;

/// <summary>A connection as the server sees it.</summary>
internal sealed class BrokerLink(BrokerAccount account, IClientEnd client)
{
    private readonly Dictionary<Topic, long> _registered = [];
    private readonly List<Holding> _issued = [];

    public BrokerAccount Account => account;

    public IClientEnd Client => client;

    /// <summary>Whether the server still serves it.</summary>
    public bool IsAlive { get; set; } = true;

    /// <summary>Whether the line is dead without either end knowing: nothing passes any more.</summary>
    public bool IsSilent { get; set; }

    /// <summary>Whether a request was accepted on it, so that it has the session.</summary>
    public bool IsAdmitted { get; set; }

    public int UnansweredHeartbeats { get; set; }

    public Dictionary<Topic, Holding> Held { get; } = [];

    /// <summary>Every key and IV that was given out on it.</summary>
    public IReadOnlyList<Holding> Issued => _issued;

    /// <summary>Where the records began when the topic was last registered on it; <see langword="null"/> where it never was.</summary>
    public long? RegisteredSince(Topic topic) => _registered.TryGetValue(topic, out var since) ? since : null;

    public void Hold(Holding holding)
    {
        Held[holding.Topic] = holding;
        _registered[holding.Topic] = holding.Since;
        _issued.Add(holding);
    }

    public override string ToString() => client.ToString()!;
}
