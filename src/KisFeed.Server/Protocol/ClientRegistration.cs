using System.Diagnostics.CodeAnalysis;
using System.Runtime.InteropServices;
using KisFeed.Wire;
using KisFeed.Wire.Control;

namespace KisFeed.Server.Protocol;

/// <summary>A session's registration for one key of one feed.</summary>
internal sealed class ClientRegistration : IDisposable
{
    private readonly FeedSchema _feed;
    private readonly FrameBatch _batch;
    private readonly FrameBatch _mixedBatch;
    private readonly NoticeCipher? _cipher;

    /// <summary>Creates a granted registration.</summary>
    /// <param name="feed">The feed.</param>
    /// <param name="trKey">The key within the feed.</param>
    /// <param name="output">The output of the session.</param>
    /// <param name="mixedBatch">The session's batch for the TR ID, shared by its registrations.</param>
    /// <param name="noticeKey">The key of an encrypted feed, owned by the registration; <see langword="null"/> for other feeds.</param>
    public ClientRegistration(FeedSchema feed, string trKey, SessionOutput output, FrameBatch mixedBatch, NoticeKey? noticeKey)
    {
        _feed = feed;
        TrKey = trKey;
        Output = output;
        _batch = new FrameBatch(feed.TrId);
        _mixedBatch = mixedBatch;
        _cipher = noticeKey is null ? null : new NoticeCipher(noticeKey);
    }

    public string TrId => _feed.TrId;

    public string TrKey { get; }

    public SessionOutput Output { get; }

    /// <summary>Whether any record of the key has been delivered as part of a whole frame.</summary>
    public bool IsServed { get; set; }

    /// <summary>Sends a record with the next flush.</summary>
    /// <param name="record">The fields, encoded and <c>^</c>-separated.</param>
    /// <param name="mixKeys">Whether it may share a frame with records of the session's other keys.</param>
    public void Deliver(ReadOnlySpan<byte> record, bool mixKeys = false)
    {
        record = Output.Revise(_feed, record);
        if (_cipher is null)
            Output.Add(mixKeys ? _mixedBatch : _batch, record);
        else
            Output.SendEncrypted(TrId, _cipher, record);
    }

    /// <summary>Sends a frame of one record at once.</summary>
    public void DeliverFrame(ReadOnlySpan<byte> frame)
    {
        if (DataFrame.TryParse(frame, out var parsed, out _) && Output.Revise(_feed, parsed.Payload) is var record && record.Length != parsed.Payload.Length)
            frame = (byte[])[.. frame[..parsed.PayloadOffset], .. record];
        Output.Send(frame, records: 1);
    }

    /// <summary>Encrypts and sends a whole plaintext order notice.</summary>
    public void DeliverNotice(in DataFrame frame)
    {
        if (_cipher is not null)
            Output.SendEncrypted(frame, _cipher);
    }

    /// <summary>Clears the key. Call it after the feed source has unsubscribed the registration.</summary>
    public void Dispose() => _cipher?.Dispose();
}

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
        Interlocked.Add(ref counters.Registrations, difference);
    }
}

/// <summary>The registrations of one feed across all sessions.</summary>
internal sealed class RegistrationsByKey
{
    private readonly List<ClientRegistration> _all = [];
    private readonly Dictionary<string, List<ClientRegistration>> _byKey = new(StringComparer.Ordinal);

    /// <summary>All registrations, in the order in which they were added.</summary>
    public ReadOnlySpan<ClientRegistration> All => CollectionsMarshal.AsSpan(_all);

    public ReadOnlySpan<ClientRegistration> OfKey(scoped ReadOnlySpan<char> key) =>
        _byKey.GetAlternateLookup<ReadOnlySpan<char>>().TryGetValue(key, out var registrations) ? CollectionsMarshal.AsSpan(registrations) : [];

    public void Add(ClientRegistration registration)
    {
        _all.Add(registration);
        if (!_byKey.TryGetValue(registration.TrKey, out var ofKey))
            _byKey.Add(registration.TrKey, ofKey = []);
        ofKey.Add(registration);
    }

    /// <summary>Removes a registration. Returns <see langword="false"/> if it is unknown.</summary>
    public bool Remove(ClientRegistration registration)
    {
        if (!_all.Remove(registration))
            return false;
        var ofKey = _byKey[registration.TrKey];
        ofKey.Remove(registration);
        if (ofKey.Count == 0)
            _byKey.Remove(registration.TrKey);
        return true;
    }
}
