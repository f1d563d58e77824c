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

    public HealthPages Health { get; } = new(upstream, options.Cluster, access);

    public IReadOnlyList<GatewayRegistration> Registrations => upstream.Hub.Registrations;

    public GatewayCluster? Cluster => options.Cluster?.Invoke();

    public GatewayTotals Totals => new()
    {
        Connections = (int)server.Sessions.Value,
        ConsumerRegistrations = (int)server.Registrations.Value,
        FramesReceived = upstream.Hub.Received,
        FramesDropped = upstream.Hub.Dropped,
        FramesMalformed = upstream.Hub.Malformed,
        FramesUnclaimed = broker.UnclaimedFrames.Value,
        FramesSent = server.Frames.Value,
        NoticesWithheld = upstream.Hub.NoticesWithheld,
        SlowConsumers = broker.SlowConsumers.Value,
        RegistrationsLost = broker.ClaimsEnded.Value,
        Floods = broker.Floods.Value + streams.Floods.Value,
        ConsumersEnded = broker.RightsLosses.Value,
        ConnectionsAccepted = server.Connections.Value,
        ApprovalKeysIssued = server.ApprovalKeys.Value,
        Streams = (int)streams.Open.Value,
        StreamsOpened = streams.Opened.Value,
        StreamItemsSent = streams.Sent.Value,
        StreamRecordsDropped = streams.Dropped.Value,
        SlowStreams = streams.SlowCloses.Value,
        StreamKeysLost = streams.KeysLost.Value,
        StreamsResumed = streams.Resumed.Value,
        StreamsResumedWithGaps = streams.ResumedInPart.Value,
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
        upstream.Hub.SlotsOf(account.Name),
        account.Counts.Delivered.Value,
        account.Counts.Dropped.Value,
        account.Counts.SlowCloses.Value,
        account.QueueDepth,
        account.Usage.Limits,
        CountsOf<ConsumerLimit>(account.Usage.RefusedBy));

    private static Dictionary<string, long> CountsOf<TReason>(Func<TReason, long> count)
        where TReason : struct, Enum => Enum.GetValues<TReason>().ToDictionary(JsonName.Of, count, StringComparer.Ordinal);
}
