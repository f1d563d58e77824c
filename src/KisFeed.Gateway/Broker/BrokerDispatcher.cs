using System.Net.WebSockets;
using KisFeed.Gateway.Hub;
using KisFeed.Output;
using KisFeed.Server.Http;
using KisFeed.Server.Protocol;
using KisFeed.Wire;
using KisFeed.Wire.Control;
using Microsoft.Extensions.Logging;

namespace KisFeed.Gateway.Broker;

/// <summary>
/// Dispatches frames from upstream to connections in the broker's protocol: the original bytes, or the part that a session is
/// registered for, and order notices encrypted for each registration. A connection that does not keep up is closed, because the
/// protocol has no message for a gap.
/// </summary>
/// <param name="catalog">The feeds.</param>
/// <param name="connections">The open connections.</param>
/// <param name="counters">Counts frames and connections that were lost.</param>
/// <param name="queueLimit">The maximum size of a client's queue in bytes, for the log.</param>
/// <param name="logger">Where to log.</param>
internal sealed class BrokerDispatcher(
    FeedCatalog catalog, ConnectionSet connections, BrokerCounters counters, int queueLimit, ILogger logger)
    : IHubSink
{
    // Large enough to amortize one system call per consumer; more would only add latency.
    private const int MaxBatchBytes = 64 * 1024;

    // Limits the delay when most frames have no registration here, so that the batch grows slowly and upstream never pauses.
    private const int MaxBatchFrames = 1024;

    private readonly Lock _gate = new();
    private readonly FrameDispatcher _dispatcher = new(catalog);
    private readonly Dictionary<HubKey, ServerEvent> _interruptions = [];
    private ServerEvent _source = new() { Kind = ServerEventKind.Source };
    private int _batchFrames;

    public void Add(ClientRegistration registration)
    {
        lock (_gate)
        {
            _dispatcher.Add(registration);
            if (_interruptions.TryGetValue(new HubKey(registration.TrId, registration.TrKey), out var interruption))
                registration.Output.Connection.Send(interruption);
        }
    }

    /// <summary>Sends the source of the data to a new connection, if the source is known and the client asked for such messages.</summary>
    public void SendSource(IClientConnection connection)
    {
        lock (_gate)
        {
            if (_source.Source is not null)
                connection.Send(_source);
        }
    }

    public void OnSource(DataSource source)
    {
        lock (_gate)
        {
            if (_source.Source == JsonName.Of(source))
                return;
            _source = _source with { Source = JsonName.Of(source) };
            foreach (var connection in connections.Find())
                connection.Send(_source);
        }
    }

    /// <summary>States the day of a frame that was received before the delivery to a registration begins.</summary>
    public void StateDay(ClientRegistration registration, DateOnly? day)
    {
        lock (_gate)
            registration.Output.State(_source.Day == day ? _source : _source with { Day = day });
    }

    /// <summary>Ends the delivery to a registration. No delivery to it is in progress when this returns.</summary>
    public void Remove(ClientRegistration registration)
    {
        lock (_gate)
        {
            Send();
            _dispatcher.Remove(registration);
        }
    }

    public void OnFrame(in FrameItem item, string? noticeKey)
    {
        lock (_gate)
        {
            if (item.Frame.StatedDay != _source.Day)
                _dispatcher.State(_source = _source with { Day = item.Frame.StatedDay });
            Enqueue(item.TrId!, item.Frame.Bytes.Span, noticeKey);
        }
    }

    public void OnEvent(in FrameItem item)
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
            counters.UnclaimedFrames.Add();
        else if (item.Feed is not { IsNotice: true })
            Enqueue(item.TrId, malformed.Raw.Span, noticeKey: null);
    }

    public void OnIdle()
    {
        lock (_gate)
            Send();
    }

    public void OnUpstreamEnded(string problem)
    {
        OnIdle();
        foreach (var connection in connections.Find())
            connection.Stop("the upstream session has ended permanently", timeout: null);
    }

    private void SendEvent(HubKey key, FeedEvent feedEvent)
    {
        lock (_gate)
        {
            switch (feedEvent)
            {
                case Interruption interruption:
                    _dispatcher.SendEvent(_interruptions[key] = ServerEvents.Of(key.TrId, key.Key, interruption));
                    break;
                case Gap gap:
                    _interruptions.Remove(key);
                    _dispatcher.SendEvent(ServerEvents.Of(key.TrId, key.Key, gap));
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

    private void Enqueue(string trId, ReadOnlySpan<byte> bytes, string? noticeKey)
    {
        lock (_gate)
        {
            _dispatcher.Buffer(trId, bytes, noticeKey);
            if (_dispatcher.BufferedBytes >= MaxBatchBytes || ++_batchFrames >= MaxBatchFrames)
                Send();
        }
    }

    private void Send()
    {
        _batchFrames = 0;
        foreach (var output in _dispatcher.Flush())
        {
            if (output.Connection.IsFull)
                Close(output.Connection);
        }
    }

    // The close message follows the queued frames: a client that still reads gets everything up to here, and the reason.
    private void Close(IClientConnection connection)
    {
        if (!connection.Close(WebSocketCloseStatus.PolicyViolation, "too slow: the queue of this client is full"))
            return;
        counters.SlowConsumers.Add();
        (connection as ConsumerConnection)?.Account?.Counts.SlowCloses.Add();
        GatewayLog.SlowConsumer(logger, connection.Id, queueLimit);
    }
}

/// <summary>Starts deliveries with the last frame, without a gap or a duplicate between that frame and the next.</summary>
/// <param name="items">Distributes the frames from upstream.</param>
/// <param name="frames">The last frames; must be among the sinks of <paramref name="items"/>.</param>
/// <param name="dispatcher">Delivers the frames that follow; must be among the sinks too.</param>
internal sealed class Snapshots(HubFanOut items, LastFrames frames, BrokerDispatcher dispatcher)
{
    /// <summary>
    /// Sends the last frame of a registration's key, if there is one, and starts the delivery. Order notices never have one.
    /// </summary>
    public void Begin(ClientRegistration registration) => items.RunBetweenItems(() =>
    {
        dispatcher.OnIdle();
        if (frames.Find(new HubKey(registration.TrId, registration.TrKey)) is { Bytes.IsEmpty: false } last)
        {
            dispatcher.StateDay(registration, last.StatedDay);
            registration.DeliverFrame(last.Bytes.Span);
        }

        dispatcher.Add(registration);
    });
}

/// <summary>Counters over all connections in the broker's protocol. Thread-safe.</summary>
internal sealed class BrokerCounters
{
    /// <summary>Connections closed because upstream ended, or refused late, one of their registrations.</summary>
    public Counter ClaimsEnded { get; } = new();

    public Counter SlowConsumers { get; } = new();

    /// <summary>Frames whose feed could not be determined. They were not delivered to any connection.</summary>
    public Counter UnclaimedFrames { get; } = new();

    public Counter RightsLosses { get; } = new();

    /// <summary>Connections closed because their clients kept exceeding the request limit.</summary>
    public Counter Floods { get; } = new();
}
