using System.Diagnostics.CodeAnalysis;
using KisFeed.Wire;
using KisFeed.Wire.Control;

namespace KisFeed.Server.Protocol;

/// <summary>The registrations of one session, up to its limit.</summary>
internal sealed class ConnectionRegistrations(SessionOutput output, int capacity, ServerCounters counters)
{
    private readonly Dictionary<(string TrId, string TrKey), ClientRegistration> _registrations = [];
    private readonly Dictionary<string, FrameBatch> _batches = new(StringComparer.Ordinal);
    private int _count;

    /// <summary>The number of registrations. Thread-safe.</summary>
    public int Count => Volatile.Read(ref _count);

    public bool IsFull => _registrations.Count >= capacity;

    public bool Contains(string trId, string trKey) => _registrations.ContainsKey((trId, trKey));

    /// <summary>Adds a registration. A registration of an encrypted feed gets a copy of the key and IV.</summary>
    public ClientRegistration Add(FeedSchema feed, string trKey, NoticeKey? key)
    {
        if (!_batches.TryGetValue(feed.TrId, out var batch))
            _batches.Add(feed.TrId, batch = new FrameBatch(feed.TrId));
        var noticeKey = feed.IsNotice ? key?.Copy() : null;
        var registration = new ClientRegistration(feed, trKey, output, batch, noticeKey);
        _registrations.Add((feed.TrId, trKey), registration);
        CountChanged(1);
        return registration;
    }

    public bool TryRemove(string trId, string trKey, [NotNullWhen(true)] out ClientRegistration? registration)
    {
        if (!_registrations.Remove((trId, trKey), out registration))
            return false;
        CountChanged(-1);
        return true;
    }

    /// <summary>Removes and returns all registrations.</summary>
    public IReadOnlyList<ClientRegistration> RemoveAll()
    {
        ClientRegistration[] all = [.. _registrations.Values];
        _registrations.Clear();
        CountChanged(-all.Length);
        return all;
    }

    private void CountChanged(int difference)
    {
        Volatile.Write(ref _count, _count + difference);
        counters.Registrations.Add(difference);
    }
}
