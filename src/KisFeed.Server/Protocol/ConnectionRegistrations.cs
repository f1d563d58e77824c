using System.Diagnostics.CodeAnalysis;
using KisFeed.Wire;

namespace KisFeed.Server;

/// <summary>The registrations of a session, no more of them than it may have.</summary>
internal sealed class ConnectionRegistrations(SessionOutput output, int capacity, ServerCounters counters)
{
    private readonly Dictionary<(string TrId, string TrKey), Registration> _registrations = [];
    private readonly Dictionary<string, FrameBatch> _batches = new(StringComparer.Ordinal);
    private int _count;

    /// <summary>How many there are. For any thread.</summary>
    public int Count => Volatile.Read(ref _count);

    public bool IsFull => _registrations.Count >= capacity;

    public bool Contains(string trId, string trKey) => _registrations.ContainsKey((trId, trKey));

    /// <summary>Adds a registration; one of an encrypted feed gets a copy of the key and IV.</summary>
    public Registration Add(FeedSchema feed, string trKey, ReadOnlySpan<byte> key, ReadOnlySpan<byte> iv)
    {
        if (!_batches.TryGetValue(feed.TrId, out var batch))
            _batches.Add(feed.TrId, batch = new FrameBatch(feed.TrId));
        var noticeKey = feed.IsNotice ? NoticeKey.TryCreate(key, iv) : null;
        var registration = new Registration(feed.TrId, trKey, output, batch, noticeKey);
        _registrations.Add((feed.TrId, trKey), registration);
        CountChanged(1);
        return registration;
    }

    public bool TryRemove(string trId, string trKey, [NotNullWhen(true)] out Registration? registration)
    {
        if (!_registrations.Remove((trId, trKey), out registration))
            return false;
        CountChanged(-1);
        return true;
    }

    /// <summary>Empties the table.</summary>
    public IReadOnlyList<Registration> RemoveAll()
    {
        Registration[] all = [.. _registrations.Values];
        _registrations.Clear();
        CountChanged(-all.Length);
        return all;
    }

    private void CountChanged(int difference)
    {
        Volatile.Write(ref _count, _count + difference);
        counters.RegistrationsChanged(difference);
    }
}
