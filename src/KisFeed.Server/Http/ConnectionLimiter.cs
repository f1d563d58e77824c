using System.Net;
using System.Net.Sockets;
using System.Runtime.InteropServices;
using Microsoft.AspNetCore.Connections;

namespace KisFeed.Server.Http;

/// <summary>
/// Limits concurrent connections, in total and per address. On servers with credentials, unauthenticated connections may use only a share
/// of the limit, and a new one replaces the oldest of the address that has most of them; so neither many nor long-lived connections lock
/// out authenticated clients. Programs of this machine and trusted proxies share an address, so only the total limit applies to them.
/// </summary>
internal sealed class ConnectionLimiter(ServerLimits limits, int connections)
{
    private readonly Lock _gate = new();
    private readonly Dictionary<IPAddress, Network> _networks = [];
    private readonly LinkedList<Admission> _unauthenticated = []; // Oldest first.
    private int _count;

    // At least one, even if a low descriptor limit leaves few connections.
    private int MaxUnauthenticated => limits.MaxUnauthenticatedShare is { } share ? Math.Max(1, (int)(connections * share)) : connections;

    /// <summary>The connection middleware. It must come first.</summary>
    public ConnectionDelegate Before(ConnectionDelegate next) => async connection =>
    {
        var admission = new Admission(this, connection);
        if (!TryEnter(admission, (connection.RemoteEndPoint as IPEndPoint)?.Address))
        {
            limits.OnConnectionRefused?.Invoke();
            connection.Abort(new ConnectionAbortedException("the server has reached its limit of connections"));
            return;
        }

        connection.Features.Set<IConnectionAdmission>(admission);
        try
        {
            await next(connection).ConfigureAwait(false);
        }
        finally
        {
            lock (_gate)
                LeaveLocked(admission);
        }
    };

    private bool TryEnter(Admission admission, IPAddress? address)
    {
        Admission? evicted;
        lock (_gate)
        {
            if (!TryFindRoomLocked(address, isNew: true, out evicted))
                return false;
            EnterLocked(admission, address);
        }

        Break(evicted);
        return true;
    }

    private bool TryMove(Admission admission, IPAddress? address)
    {
        Admission? evicted;
        lock (_gate)
        {
            if (admission.Network is not { } before)
                return false;
            if (before.Key.Equals(RemoteNetwork.Of(address)))
                return true;
            if (!TryFindRoomLocked(address, isNew: false, out evicted))
                return false;
            LeaveLocked(admission);
            EnterLocked(admission, address);
        }

        Break(evicted);
        return true;
    }

    // Returns the connection to abort, which no longer counts.
    private bool TryFindRoomLocked(IPAddress? address, bool isNew, out Admission? evicted)
    {
        evicted = null;
        var network = _networks.GetValueOrDefault(RemoteNetwork.Of(address));
        var isAddressFull = network?.Count >= limits.MaxConnectionsPerAddress && !SharesAddress(address);
        if (!isAddressFull && (!isNew || (_count < connections && _unauthenticated.Count < MaxUnauthenticated)))
            return true;
        if (limits.MaxUnauthenticatedShare is null)
            return false;

        evicted = isAddressFull ? network!.Unauthenticated.First?.Value : OldestOfLargestLocked();
        if (evicted is null)
            return false;
        LeaveLocked(evicted);
        return true;
    }

    private Admission? OldestOfLargestLocked()
    {
        var most = _networks.Values.MaxBy(network => network.Unauthenticated.Count);
        return most is { Unauthenticated: { Count: > 1 } unauthenticated } ? unauthenticated.First!.Value : _unauthenticated.First?.Value;
    }

    private void EnterLocked(Admission admission, IPAddress? address)
    {
        var key = RemoteNetwork.Of(address);
        ref var network = ref CollectionsMarshal.GetValueRefOrAddDefault(_networks, key, out _);
        network ??= new Network(key);
        admission.Network = network;
        network.Count++;
        _count++;
        if (admission.IsAuthenticated)
            return;
        admission.InNetwork = network.Unauthenticated.AddLast(admission);
        admission.InAll = _unauthenticated.AddLast(admission);
    }

    private void LeaveLocked(Admission admission)
    {
        if (admission.Network is not { } network)
            return;
        RemoveUnknownLocked(admission);
        admission.Network = null;
        _count--;
        if (--network.Count == 0)
            _networks.Remove(network.Key);
    }

    private void RemoveUnknownLocked(Admission admission)
    {
        if (admission.IsAuthenticated)
            return;
        _unauthenticated.Remove(admission.InAll!);
        admission.Network!.Unauthenticated.Remove(admission.InNetwork!);
    }

    private void MarkAuthenticated(Admission admission)
    {
        lock (_gate)
        {
            if (admission.Network is not null)
                RemoveUnknownLocked(admission);
            admission.IsAuthenticated = true;
        }
    }

    private void Break(Admission? evicted)
    {
        if (evicted is null)
            return;
        limits.OnConnectionRefused?.Invoke();
        evicted.Connection.Abort(new ConnectionAbortedException("unauthenticated, and another client needed room"));
    }

    private bool SharesAddress(IPAddress? address) =>
        address is not null && (IPAddress.IsLoopback(address) || limits.TrustedProxies.Contain(address));

    private sealed class Network(IPAddress key)
    {
        public IPAddress Key => key;

        public int Count { get; set; }

        public LinkedList<Admission> Unauthenticated { get; } = [];
    }

    private sealed class Admission(ConnectionLimiter limiter, ConnectionContext connection) : IConnectionAdmission
    {
        public ConnectionContext Connection => connection;

        public LinkedListNode<Admission>? InAll { get; set; }

        public LinkedListNode<Admission>? InNetwork { get; set; }

        public Network? Network { get; set; }

        public bool IsAuthenticated { get; set; }

        public void MarkAuthenticated() => limiter.MarkAuthenticated(this);

        public bool TryMove(IPAddress? address) => limiter.TryMove(this, address);
    }
}

/// <summary>The admission of a connection within the limits of a server. Thread-safe.</summary>
internal interface IConnectionAdmission
{
    /// <summary>Marks the client as authenticated: its connection is no longer aborted to make room for others.</summary>
    void MarkAuthenticated();

    /// <summary>Counts the connection against the address of a client behind a proxy from now on.</summary>
    /// <returns><see langword="false"/> if the address has reached its limit, or the connection was aborted meanwhile.</returns>
    bool TryMove(IPAddress? address);
}

/// <summary>Maps client addresses to the networks that are limited as one.</summary>
internal static class RemoteNetwork
{
    private const int NetworkBytes = 8;

    /// <summary>The address itself for IPv4, and the /64 network for IPv6, since a client usually has all addresses of one.</summary>
    /// <param name="address">The address, or <see langword="null"/> if it is unauthenticated. Unauthenticated addresses
    /// form a network of their own.</param>
    public static IPAddress Of(IPAddress? address)
    {
        if (address is null)
            return IPAddress.None;
        if (address.IsIPv4MappedToIPv6)
            return address.MapToIPv4();
        if (address.AddressFamily != AddressFamily.InterNetworkV6)
            return address;
        var bytes = address.GetAddressBytes();
        bytes.AsSpan(NetworkBytes).Clear();
        return new IPAddress(bytes);
    }
}
