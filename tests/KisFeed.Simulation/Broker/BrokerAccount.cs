using System.Text;
using KisFeed.Wire.Control;

namespace KisFeed.Simulation.Broker;

/// <summary>An app key as the server knows it.</summary>
internal sealed class BrokerAccount(int number, int limit, bool hasBadCredentials)
{
    private readonly HashSet<string> _keys = new(StringComparer.Ordinal);
    private int _issued;

    public int Number => number;

    /// <summary>Maximum number of registrations of a session.</summary>
    public int Limit => limit;

    public bool HasBadCredentials => hasBadCredentials;

    /// <summary>The connection that owns the session, alive or dead; <see langword="null"/> if there is none.</summary>
    public BrokerConnection? Holder { get; set; }

    public bool IsKnown(string approvalKey) => _keys.Contains(approvalKey);

    /// <summary>Whether the key was ever issued.</summary>
    public bool HasIssued(string approvalKey) => approvalKey.StartsWith($"approval-{number}-", StringComparison.Ordinal);

    public string IssueKey(bool isKnown)
    {
        var key = $"approval-{number}-{++_issued}";
        if (isKnown)
            _keys.Add(key);
        return key;
    }

    public void ClearKeys() => _keys.Clear();
}

/// <summary>A registration held by the server.</summary>
/// <param name="topic">The registered key of a feed.</param>
/// <param name="since">The number of the last record before the registration; the server sends the records after it.</param>
/// <param name="key">The key of its encrypted frames.</param>
/// <param name="iv">The IV of its encrypted frames.</param>
internal sealed class BrokerRegistration(Topic topic, long since, string key, string iv) : IDisposable
{
    private NoticeCipher? _cipher;

    public Topic Topic => topic;

    public long Since => since;

    public string Key => key;

    public string Iv => iv;

    public NoticeCipher Cipher =>
        _cipher ??= new NoticeCipher(NoticeKey.TryCreate(Encoding.ASCII.GetBytes(key), Encoding.ASCII.GetBytes(iv))!);

    public void Dispose() => _cipher?.Dispose();
}
