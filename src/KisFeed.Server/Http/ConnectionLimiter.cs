using System.Net;
using System.Runtime.InteropServices;
using Microsoft.AspNetCore.Connections;

namespace KisFeed.Server;

/// <summary>
/// Bounds the connections that stand at once, over all and from one address. Where clients can show who they are, those that have not take a part of the places alone, and the oldest of the address with most of them makes room for a new one: so
/// neither many connections nor long ones lock anybody out who can. Programs of this machine and trusted proxies share an address, and are held to the limit over all alone.
/// </summary>
/// <param name="limits">What is taken of clients.</param>
/// <param name="connections">Connections at once.</param>
internal sealed class ConnectionLimiter(ServerLimits limits, int connections)
{
    private readonly Lock _gate = new();
    private readonly Dictionary<IPAddress, Network> _networks = [];
    private readonly LinkedList<Place> _unknown = []; // The oldest first.
    private int _count;

    // Of the few that a system with a low limit of descriptors leaves, too.
    private int MostUnknown => limits.MaxUnknownShare is { } share ? Math.Max(1, (int)(connections * share)) : connections;

    /// <summary>Stands before everything else that is done with a connection.</summary>
    public ConnectionDelegate Before(ConnectionDelegate next) => async connection =>
    {
        var place = new Place(this, connection);
        if (!TryEnter(place, (connection.RemoteEndPoint as IPEndPoint)?.Address))
        {
            limits.OnConnectionRefused?.Invoke();
            connection.Abort(new ConnectionAbortedException("there are as many connections as this server takes"));
            return;
        }

        connection.Features.Set<IConnectionPlace>(place);
        try
        {
            await next(connection).ConfigureAwait(false);
        }
        finally
        {
            lock (_gate)
                LeaveLocked(place);
        }
    };

    private bool TryEnter(Place place, IPAddress? address)
    {
        Place? evicted;
        lock (_gate)
        {
            if (!TryFindRoomLocked(address, isNew: true, out evicted))
                return false;
            EnterLocked(place, address);
        }

        Break(evicted);
        return true;
    }

    private bool TryMove(Place place, IPAddress? address)
    {
        Place? evicted;
        lock (_gate)
        {
            if (place.Network is not { } before)
                return false;
            if (before.Key.Equals(RemoteNetwork.Of(address)))
                return true;
            if (!TryFindRoomLocked(address, isNew: false, out evicted))
                return false;
            LeaveLocked(place);
            EnterLocked(place, address);
        }

        Break(evicted);
        return true;
    }

    // Gives which connection is to be broken off, and has left already.
    private bool TryFindRoomLocked(IPAddress? address, bool isNew, out Place? evicted)
    {
        evicted = null;
        var network = _networks.GetValueOrDefault(RemoteNetwork.Of(address));
        var isAddressFull = network?.Count >= limits.MaxConnectionsPerAddress && !SharesAddress(address);
        if (!isAddressFull && (!isNew || (_count < connections && _unknown.Count < MostUnknown)))
            return true;
        if (limits.MaxUnknownShare is null)
            return false;

        evicted = isAddressFull ? network!.Unknown.First?.Value : OldestOfMostLocked();
        if (evicted is null)
            return false;
        LeaveLocked(evicted);
        return true;
    }

    private Place? OldestOfMostLocked()
    {
        var most = _networks.Values.MaxBy(network => network.Unknown.Count);
        return most is { Unknown: { Count: > 1 } unknown } ? unknown.First!.Value : _unknown.First?.Value;
    }

    private void EnterLocked(Place place, IPAddress? address)
    {
        var key = RemoteNetwork.Of(address);
        ref var network = ref CollectionsMarshal.GetValueRefOrAddDefault(_networks, key, out _);
        network ??= new Network(key);
        place.Network = network;
        network.Count++;
        _count++;
        if (place.IsKnown)
            return;
        network.Unknown.AddLast(place.InNetwork);
        _unknown.AddLast(place.InAll);
    }

    private void LeaveLocked(Place place)
    {
        if (place.Network is not { } network)
            return;
        ForgetUnknownLocked(place);
        place.Network = null;
        _count--;
        if (--network.Count == 0)
            _networks.Remove(network.Key);
    }

    private void ForgetUnknownLocked(Place place)
    {
        if (place.IsKnown)
            return;
        _unknown.Remove(place.InAll);
        place.Network!.Unknown.Remove(place.InNetwork);
    }

    private void MarkKnown(Place place)
    {
        lock (_gate)
        {
            if (place.Network is not null)
                ForgetUnknownLocked(place);
            place.IsKnown = true;
        }
    }

    private void Break(Place? evicted)
    {
        if (evicted is null)
            return;
        limits.OnConnectionRefused?.Invoke();
        evicted.Connection.Abort(new ConnectionAbortedException("other clients need the place of this connection, whose client has not shown who it is"));
    }

    private bool SharesAddress(IPAddress? address) => address is not null && (IPAddress.IsLoopback(address) || limits.TrustedProxies.Contain(address));

    private sealed class Network(IPAddress key)
    {
        public IPAddress Key => key;

        public int Count { get; set; }

        public LinkedList<Place> Unknown { get; } = [];
    }

    // All but the connection is under the lock of the cap.
    private sealed class Place : IConnectionPlace
    {
        private readonly ConnectionLimiter _cap;

        public Place(ConnectionLimiter cap, ConnectionContext connection)
        {
            _cap = cap;
            Connection = connection;
            InAll = new LinkedListNode<Place>(this);
            InNetwork = new LinkedListNode<Place>(this);
        }

        public ConnectionContext Connection { get; }

        public LinkedListNode<Place> InAll { get; }

        public LinkedListNode<Place> InNetwork { get; }

        public Network? Network { get; set; }

        public bool IsKnown { get; set; }

        public void MarkKnown() => _cap.MarkKnown(this);

        public bool TryMove(IPAddress? address) => _cap.TryMove(this, address);
    }
}

/// <summary>The place of a connection among those that a server takes. For any thread.</summary>
internal interface IConnectionPlace
{
    /// <summary>The client has shown who it is: its connection is not broken off for others any more.</summary>
    void MarkKnown();

    /// <summary>The connection is of a client behind a proxy, and counts against its address from now on.</summary>
    /// <returns><see langword="false"/> where the address has as many connections as it may, or this one was broken off meanwhile.</returns>
    bool TryMove(IPAddress? address);
}
