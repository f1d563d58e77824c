using KisFeed.Gateway.Broker;
using KisFeed.Gateway.Consumers;
using KisFeed.Gateway.Hub;
using KisFeed.Gateway.Dispatching;
using KisFeed.Output;
using KisFeed.Server.Protocol;

namespace KisFeed.Gateway.Web;

/// <summary>Reads the status of a gateway.</summary>
internal sealed class StatusReader(
    GatewayOptions options,
    Upstream upstream,
    LastFrames frames,
    AccessControl access,
    StreamCounters streams,
    ServerCounters server,
    BrokerCounters broker)
{
    private readonly DateTimeOffset _startedAt = options.TimeProvider.GetUtcNow();
    private readonly long _started = options.TimeProvider.GetTimestamp();

    /// <summary>Whether the gateway is ready.</summary>
    public HealthPages Health { get; } = new(upstream, options.Cluster, access);

    /// <summary>The keys registered upstream, each listed once.</summary>
    public IReadOnlyList<GatewayRegistration> Registrations => upstream.Registrations;

    /// <summary>The cluster; <see langword="null"/> if the gateway belongs to none.</summary>
    public GatewayCluster? Cluster => options.Cluster?.Invoke();

    /// <summary>The counts over all connections.</summary>
    public GatewayTotals Totals => new()
    {
        Connections = server.Sessions,
        ConsumerRegistrations = server.Registrations,
        FramesReceived = upstream.Hub.Received,
        FramesDropped = upstream.Hub.Dropped,
        FramesMalformed = upstream.Hub.Malformed,
        FramesUnclaimed = broker.UnclaimedFrames.Value,
        FramesSent = server.Frames,
        NoticesWithheld = upstream.Hub.NoticesWithheld,
        SlowConsumers = broker.SlowConsumers.Value,
        RegistrationsLost = broker.LeasesEnded.Value,
        Floods = broker.Floods.Value + streams.Floods,
        ConsumersEnded = broker.RightsLosses.Value,
        ConnectionsAccepted = server.Connections,
        ApprovalKeysIssued = server.ApprovalKeys,
        Streams = streams.Open,
        StreamsOpened = streams.Opened,
        StreamItemsSent = streams.Sent,
        StreamRecordsDropped = streams.Dropped,
        SlowStreams = streams.SlowCloses,
        StreamKeysLost = streams.KeysLost,
        StreamsResumed = streams.Resumed,
        StreamsResumedWithGaps = streams.ResumedInPart,
    };

    /// <summary>Reads everything, as an operator may see it.</summary>
    public GatewayStatus Read() => new()
    {
        StartedAt = _startedAt,
        UptimeSeconds = (long)options.TimeProvider.GetElapsedTime(_started).TotalSeconds,
        IsReady = Health.IsReady,
        IsOpenToEverybody = access.Accounts.IsOpen,
        Source = upstream.Source,
        LastFrame = new GatewayMoment(frames.ReceivedAt, options.Upstream.TimeProvider.GetUtcNow()),
        Upstream = upstream.Frames.Sessions,
        Registrations = [.. Registrations.OrderBy(r => r.TrId, StringComparer.Ordinal).ThenBy(r => r.Key, StringComparer.Ordinal)],
        Totals = Totals,
        Refusals = CountsOf<AccessRefusalReason>(access.Refusals.Of),
        Consumers = [.. access.Accounts.All.Select(Of)],
        Recording = upstream.Recorder?.Status,
        Sink = upstream.Sink?.Status,
        Publisher = upstream.Publisher?.Status,
        Cluster = Cluster,
    };

    /// <summary>
    /// Reads what a consumer may see. An operator sees everything, other consumers only themselves and registrations of feeds that they
    /// have a right to.
    /// </summary>
    public GatewayStatus Read(Account account)
    {
        var all = Read();
        return account.IsOperator ? all : all with
        {
            Registrations = [.. all.Registrations.Where(r => MaySee(account, r))],
            Consumers = [Of(account)],
            Cluster = all.Cluster?.WithoutNames(),
        };
    }

    // An HTS ID is never empty, so only consumers with the right to all order notices see registrations for order notices.
    private bool MaySee(Account account, GatewayRegistration registration) =>
        upstream.Frames.Catalog.TryFind(registration.TrId, out var feed) && account.MayRegister(feed, registration.Key ?? "");

    private ConsumerStatus Of(Account account) => new(
        account.Name,
        account.Usage.Connections,
        account.Usage.Registrations,
        upstream.Hub.PlacesOf(account.Name),
        account.Counts.Delivered,
        account.Counts.Dropped,
        account.Counts.SlowCloses,
        account.QueueDepth,
        account.Usage.Limits,
        CountsOf<ConsumerLimit>(account.Usage.RefusedBy));

    private static Dictionary<string, long> CountsOf<TReason>(Func<TReason, long> count)
        where TReason : struct, Enum => Enum.GetValues<TReason>().ToDictionary(JsonName.Of, count, StringComparer.Ordinal);
}
