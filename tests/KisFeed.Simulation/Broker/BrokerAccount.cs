namespace KisFeed.Simulation.Broker;

/// <summary>An app key as the server sees it.</summary>
internal sealed class BrokerAccount(int number, int limit, bool hasBadCredentials)
{
    private readonly HashSet<string> _keys = new(StringComparer.Ordinal);
    private int _issued;

    public int Number => number;

    /// <summary>Registrations that a session may hold.</summary>
    public int Limit => limit;

    public bool HasBadCredentials => hasBadCredentials;

    /// <summary>The connection that has the session, dead or alive; <see langword="null"/> where none has.</summary>
    public BrokerLink? Holder { get; set; }

    public bool Knows(string approvalKey) => _keys.Contains(approvalKey);

    /// <summary>Whether the key has ever been issued.</summary>
    public bool HasIssued(string approvalKey) => approvalKey.StartsWith($"approval-{number}-", StringComparison.Ordinal);

    public string IssueKey(bool isKnown)
    {
        var key = $"approval-{number}-{++_issued}";
        if (isKnown)
            _keys.Add(key);
        return key;
    }

    public void ForgetKeys() => _keys.Clear();
}
