using System.Net.WebSockets;
using KisFeed.Server;
using KisFeed.Wire;
using Microsoft.Extensions.Logging;

namespace KisFeed.Gateway;

/// <summary>
/// Brings what comes from upstream to those who are connected in the broker's protocol: the very bytes, or the part that a session is registered for, and order
/// notices encrypted for each registration. A client that does not keep up is closed, since the protocol has no words for a gap.
/// </summary>
/// <param name="catalog">By what frames are taken apart.</param>
/// <param name="connections">Who is connected.</param>
/// <param name="counters">Counts what consumers did not get.</param>
/// <param name="queueLimit">Bytes that may wait for a client, for the log.</param>
/// <param name="logger">Where to log.</param>
internal sealed class BrokerDispatcher(FeedCatalog catalog, ConnectionSet connections, BrokerCounters counters, int queueLimit, ILogger logger) : IHubSink
{
    // As much as is worth a trip to the system for each consumer; more would only let them wait.
    private const int MostGathered = 32 * 1024;

    // Where much comes that nobody here wants, little gathers, and no pause comes either.
    private const int MostPassed = 1024;

    private readonly Lock _gate = new();
    private readonly FrameDispatcher _distributor = new(catalog);
    private readonly Dictionary<HubKey, ServerEvent> _interruptions = [];
    private DataSource? _source;
    private int _passed;

    public void Add(Registration registration)
    {
        lock (_gate)
        {
            _distributor.Add(registration);
            if (_interruptions.TryGetValue(new HubKey(registration.TrId, registration.TrKey), out var interruption))
                registration.Output.Connection.Send(interruption);
        }
    }

    /// <summary>Tells a client that asked for such messages where the data come from, as far as that is known.</summary>
    public void Introduce(IClientConnection connection)
    {
        lock (_gate)
        {
            if (_source is { } source)
                connection.Send(ServerEvents.Of(source));
        }
    }

    public void OnSource(DataSource source)
    {
        lock (_gate)
        {
            if (_source == source)
                return;
            _source = source;
            foreach (var connection in connections.Find())
                connection.Send(ServerEvents.Of(source));
        }
    }

    /// <summary>Ends the delivery to a registration: none is under way when this returns.</summary>
    public void Remove(Registration registration)
    {
        lock (_gate)
        {
            Send();
            _distributor.Remove(registration);
        }
    }

    public void OnFrame(in TapItem item, string? noticeKey) => Gather(item.TrId!, item.Frame.Bytes.Span, noticeKey);

    public void OnEvent(in TapItem item)
    {
        if (item is { TrId: { } trId, Key: { } key })
            SendEvent(new HubKey(trId, key), item.Event!);
        if (item.Event is DataEnded)
        {
            foreach (var connection in connections.Find())
                connection.Send(new ServerEvent { Kind = ServerEventKind.End });
        }

        if (item.Event is not MalformedFrame malformed)
            return;
        if (item.TrId is null)
            counters.UnclaimedFrame();
        else if (item.Feed is not { IsNotice: true })
            Gather(item.TrId, malformed.Raw.Span, noticeKey: null);
    }

    public void OnPause()
    {
        lock (_gate)
            Send();
    }

    public void OnOver(string problem)
    {
        OnPause();
        foreach (var connection in connections.Find())
            connection.Stop("upstream is lost for good", patience: null);
    }

    private void SendEvent(HubKey key, FeedEvent happened)
    {
        lock (_gate)
        {
            switch (happened)
            {
                case Interruption interruption:
                    _distributor.SendEvent(_interruptions[key] = ServerEvents.Of(key.TrId, key.Key, interruption));
                    break;
                case Gap gap:
                    _interruptions.Remove(key);
                    _distributor.SendEvent(ServerEvents.Of(key.TrId, key.Key, gap));
                    break;
                case RegistrationReleased or RegistrationRefused:
                    _interruptions.Remove(key);
                    return;
                default:
                    return;
            }

            Send();
        }
    }

    private void Gather(string trId, ReadOnlySpan<byte> bytes, string? noticeKey)
    {
        lock (_gate)
        {
            _distributor.Gather(trId, bytes, noticeKey);
            if (_distributor.Gathered >= MostGathered || ++_passed >= MostPassed)
                Send();
        }
    }

    private void Send()
    {
        _passed = 0;
        foreach (var output in _distributor.Send())
        {
            if (output.Connection.IsFull)
                Close(output.Connection);
        }
    }

    // Behind what waits already: a client that does read gets everything up to here, and the reason.
    private void Close(IClientConnection connection)
    {
        if (!connection.Close(WebSocketCloseStatus.PolicyViolation, "too slow: what waited for this client became too much"))
            return;
        counters.SlowConsumer();
        (connection as ConsumerConnection)?.Account?.Counts.AddSlowClose();
        GatewayLog.SlowConsumer(logger, connection.Id, queueLimit);
    }
}

/// <summary>Begins deliveries with what came last, so that nothing is missing between that and what follows, and nothing comes twice.</summary>
/// <param name="items">What comes from upstream.</param>
/// <param name="frames">What came last; to be among the sinks of <paramref name="items"/>.</param>
/// <param name="side">What brings the frames that follow; likewise.</param>
internal sealed class Snapshots(HubFanOut items, LastFrames frames, BrokerDispatcher side)
{
    /// <summary>Sends the last frame of a registration's key, where there is one, and begins to deliver. Of order notices there never is.</summary>
    public void Begin(Registration registration) => items.Between(() =>
    {
        side.OnPause();
        if (frames.Find(new HubKey(registration.TrId, registration.TrKey)) is { Bytes.IsEmpty: false } last)
            registration.Output.Send(last.Bytes.Span, records: 1);
        side.Add(registration);
    });
}

/// <summary>Counts what happens to consumers, over all of them. For any thread.</summary>
internal sealed class BrokerCounters
{
    private long _leasesEnded;
    private long _slowConsumers;
    private long _unclaimedFrames;
    private long _rightsLosses;
    private long _floods;

    /// <summary>Connections closed because upstream took back, or refused late, what they were registered for.</summary>
    public long LeasesEnded => Volatile.Read(ref _leasesEnded);

    /// <summary>Connections closed because their clients did not keep up.</summary>
    public long SlowConsumers => Volatile.Read(ref _slowConsumers);

    /// <summary>Frames of which nobody could tell what feed they are of, and so not whom they concern. They were passed on to nobody.</summary>
    public long UnclaimedFrames => Volatile.Read(ref _unclaimedFrames);

    /// <summary>Connections closed because their consumers may no longer have what they had.</summary>
    public long RightsLosses => Volatile.Read(ref _rightsLosses);

    public void RightsLost() => Interlocked.Increment(ref _rightsLosses);

    /// <summary>Connections closed because their clients went on sending more than they may.</summary>
    public long Floods => Volatile.Read(ref _floods);

    public void Flood() => Interlocked.Increment(ref _floods);

    public void LeaseEnded() => Interlocked.Increment(ref _leasesEnded);

    public void SlowConsumer() => Interlocked.Increment(ref _slowConsumers);

    public void UnclaimedFrame() => Interlocked.Increment(ref _unclaimedFrames);
}
