using System.Runtime.InteropServices;
using KisFeed.Gateway.Hub;
using KisFeed.Server.Protocol;
using KisFeed.Session;
using KisFeed.Wire;

namespace KisFeed.Gateway.Consumers;

/// <summary>
/// A user of the gateway with its connections, usage and counters: a consumer with a token, or everybody together if
/// no tokens are required. Thread-safe.
/// </summary>
internal sealed class Account
{
    /// <summary>The name of the shared account if no tokens are required.</summary>
    public const string Everybody = "(everybody)";

    private readonly Lock _gate = new();
    private readonly HashSet<IAccountConnection> _connections = new(ReferenceEqualityComparer.Instance);
    private bool _isOver;
    private long _lastUse;
    private readonly Consumer? _consumer;
    private readonly ConsumerStore? _store;
    private readonly ConsumerLimits _limits;
    private readonly TimeProvider _time;
    private readonly HubConsumer? _hubConsumer;

    public Account(Consumer? consumer, ConsumerStore? store, ConsumerLimits limits, TimeProvider time, AuditTrail? audit = null)
    {
        _consumer = consumer;
        _store = store;
        _limits = limits;
        _time = time;
        Usage = new ConsumerUsage(consumer?.Quota.ApplyTo(limits) ?? limits, time) { Refused = limit => audit?.LimitHit(Name, limit) };
        _hubConsumer = consumer is null ? null : NewAtHub();
    }

    /// <summary>Unique, also among earlier accounts with the same credentials. Secret: approval keys are tied to it.</summary>
    public string Id { get; } = Guid.NewGuid().ToString("N");

    /// <summary>The name of the consumer, or <see cref="Everybody"/>.</summary>
    public string Name => _consumer?.Name ?? Everybody;

    /// <summary>The consumer as it was when it first authenticated; <see langword="null"/> for the account of everybody.</summary>
    public Consumer? Consumer => _consumer;

    public ConsumerUsage Usage { get; }

    public ConsumerCounts Counts { get; } = new();

    public QueueDepth QueueDepth => Connections().Aggregate(default(QueueDepth), (sum, connection) => sum + connection.QueueDepth);

    /// <summary>
    /// When its credentials were last accepted, or the current time while it has connections; <see langword="null"/> if it was never used.
    /// </summary>
    public DateTimeOffset? LastUsedAt
    {
        get
        {
            lock (_gate)
            {
                if (_connections.Count > 0)
                    return _time.GetUtcNow();
            }

            return Volatile.Read(ref _lastUse) is > 0 and var ticks ? new DateTimeOffset(ticks, TimeSpan.Zero) : null;
        }
    }

    public bool HasEnded
    {
        get
        {
            lock (_gate)
                return _isOver;
        }
    }

    public bool MayRegister(FeedSchema feed) => !HasEnded && (_consumer is null || CurrentConsumer?.MayRegister(feed) == true);

    /// <summary>
    /// Whether it may currently register for a key of a feed. The caller asks again after it has recorded a
    /// registration, or it misses a change in between.
    /// </summary>
    public bool MayRegister(FeedSchema feed, string key) =>
        !HasEnded && (_consumer is null || CurrentConsumer?.MayRegister(feed, key) == true);

    /// <summary>Whether it may currently see the activity of all consumers. Everybody may if no tokens are required.</summary>
    public bool IsOperator => !HasEnded && (_consumer is null || CurrentConsumer?.Operator == true);

    private Consumer? CurrentConsumer => _consumer is null ? null : _store?.Current.Find(_consumer);

    /// <summary>Records that its credentials, or an approval key issued for them, were accepted.</summary>
    public void MarkUsed() => Volatile.Write(ref _lastUse, _time.GetUtcNow().Ticks);

    /// <summary>
    /// Adds a connection. From now on the connection is notified when the account loses rights, until <see cref="Leave"/>.
    /// </summary>
    /// <returns>
    /// <see langword="false"/>, without effect, if the account has ended or has reached its connection limit; the latter is counted.
    /// </returns>
    public bool TryEnter(IAccountConnection connection)
    {
        if (HasEnded || !Usage.TryConnect())
            return false;
        lock (_gate)
        {
            if (!_isOver && _connections.Add(connection))
                return true;
        }

        Usage.Disconnect();
        return false;
    }

    public void Leave(IAccountConnection connection)
    {
        lock (_gate)
        {
            if (!_connections.Remove(connection))
                return;
            MarkUsed();
        }

        Usage.Disconnect();
    }

    public void End()
    {
        lock (_gate)
            _isOver = true;
        NotifyRightsLost(isOver: true);
    }

    /// <summary>New registrations that it has left now. If each connection has its own budget, the whole of one.</summary>
    public int NewRegistrationsLeft => (_hubConsumer ?? NewAtHub()).NewRegistrations.Left(_time.GetElapsedTime(0));

    /// <summary>
    /// The holder of slots for a new connection: shared by the consumer's connections, or one per connection if no tokens are required.
    /// </summary>
    public HubConsumer HubConsumer() => _hubConsumer ?? NewAtHub();

    public void Refresh()
    {
        if (CurrentConsumer is { } now)
            Usage.Limits = now.Quota.ApplyTo(_limits);
    }

    public void Restrict() => NotifyRightsLost(isOver: false);

    public override string ToString() => $"Account {{ Name = {Name} }}";

    private HubConsumer NewAtHub() =>
        new(Name, () => Usage.Limits.MaxSlots, new RateBudget(_limits.NewRegistrationsPerMinute, _limits.NewRegistrationsPerHour));

    private void NotifyRightsLost(bool isOver)
    {
        foreach (var connection in Connections())
            connection.OnRightsLost(isOver);
    }

    private IAccountConnection[] Connections()
    {
        lock (_gate)
            return [.. _connections];
    }
}

/// <summary>A connection or stream of an account.</summary>
internal interface IAccountConnection
{
    /// <summary>The items queued for it now. May be called at any time and must return quickly.</summary>
    QueueDepth QueueDepth { get; }

    /// <summary>
    /// The account has ended or lost rights: the connection must end whatever it may no longer have. Called at any time after
    /// <see cref="Account.TryEnter"/>, on any thread. Must return quickly, not block and not throw.
    /// </summary>
    /// <param name="isOver">Whether the account has lost all access.</param>
    void OnRightsLost(bool isOver);
}

/// <summary>The size of a send queue.</summary>
/// <param name="Bytes">Approximate memory in bytes.</param>
/// <param name="Records">Records and events of streams; not counted for connections in the broker's protocol.</param>
[StructLayout(LayoutKind.Auto)]
internal readonly record struct QueueDepth(long Bytes, long Records)
{
    public static QueueDepth operator +(QueueDepth one, QueueDepth other) => new(one.Bytes + other.Bytes, one.Records + other.Records);
}

/// <summary>The delivery counters of one account. Thread-safe.</summary>
internal sealed class ConsumerCounts
{
    /// <summary>Frames, or records of streams, that were queued for it.</summary>
    public Counter Delivered { get; } = new();

    /// <summary>Records of streams that were dropped because it did not keep up. Each is part of a gap that was sent to it.</summary>
    public Counter Dropped { get; } = new();

    public Counter SlowCloses { get; } = new();
}
