using System.Runtime.InteropServices;
using KisFeed.Session;
using KisFeed.Wire;

namespace KisFeed.Gateway;

/// <summary>
/// One of those who use the gateway, with all that it has of it: a consumer with a token, or everybody together where nobody needs one. For any thread.
/// </summary>
internal sealed class Account
{
    /// <summary>What everybody is called where nobody needs a token.</summary>
    public const string Everybody = "(everybody)";

    private readonly Lock _gate = new();
    private readonly HashSet<IAccountConnection> _present = new(ReferenceEqualityComparer.Instance);
    private bool _isOver;
    private long _lastUse;
    private readonly Consumer? _consumer;
    private readonly ConsumerStore? _store;
    private readonly ConsumerLimits _limits;
    private readonly TimeProvider _time;
    private readonly HubConsumer? _atHub;

    /// <summary>An account that has nothing yet.</summary>
    /// <param name="consumer">The consumer; <see langword="null"/> for everybody.</param>
    /// <param name="store">Where its rights stand; <see langword="null"/> where nobody's are limited.</param>
    /// <param name="limits">What each may use.</param>
    /// <param name="time">The clock.</param>
    /// <param name="audit">Hears of limits that are met; <see langword="null"/> for nobody.</param>
    public Account(Consumer? consumer, ConsumerStore? store, ConsumerLimits limits, TimeProvider time, AuditTrail? audit = null)
    {
        _consumer = consumer;
        _store = store;
        _limits = limits;
        _time = time;
        Usage = new ConsumerUsage(consumer?.Quota.ApplyTo(limits) ?? limits, time) { Refused = limit => audit?.LimitHit(Name, limit) };
        _atHub = consumer is null ? null : NewAtHub();
    }

    /// <summary>Tells this account from all others, those too that had its credentials before. Secret: approval keys are tied to it.</summary>
    public string Id { get; } = Guid.NewGuid().ToString("N");

    /// <summary>What it is called.</summary>
    public string Name => _consumer?.Name ?? Everybody;

    /// <summary>The consumer as it came; <see langword="null"/> for everybody.</summary>
    public Consumer? Consumer => _consumer;

    /// <summary>What it has of what there is only so much of.</summary>
    public ConsumerUsage Usage { get; }

    /// <summary>What happened to it.</summary>
    public ConsumerCounts Counts { get; } = new();

    /// <summary>What waits for it now, over all its connections.</summary>
    public QueueDepth Waiting => Presences().Aggregate(default(QueueDepth), (sum, connection) => sum + connection.Waiting);

    /// <summary>When its credentials were last accepted, or the present time while something is connected with them; <see langword="null"/> where neither has been.</summary>
    public DateTimeOffset? LastUsedAt
    {
        get
        {
            lock (_gate)
            {
                if (_present.Count > 0)
                    return _time.GetUtcNow();
            }

            return Volatile.Read(ref _lastUse) is > 0 and var ticks ? new DateTimeOffset(ticks, TimeSpan.Zero) : null;
        }
    }

    /// <summary>Whether it may no longer do anything.</summary>
    public bool IsOver
    {
        get
        {
            lock (_gate)
                return _isOver;
        }
    }

    /// <summary>Whether it may register for any key of a feed, by what is known now.</summary>
    public bool MayRegister(FeedSchema feed) => !IsOver && (_consumer is null || Present?.MayRegister(feed) == true);

    /// <summary>
    /// Whether it may register for a key of a feed, by what is known now. Who grants it a registration asks once more afterwards, or misses what happened in between.
    /// </summary>
    public bool MayRegister(FeedSchema feed, string key) => !IsOver && (_consumer is null || Present?.MayRegister(feed, key) == true);

    /// <summary>Whether it may see what all others do, by what is known now. Everybody may where nobody needs a token.</summary>
    public bool IsOperator => !IsOver && (_consumer is null || Present?.Operator == true);

    private Consumer? Present => _consumer is null ? null : _store?.Current.Find(_consumer);

    /// <summary>Its credentials, or an approval key that was issued for them, have been accepted.</summary>
    public void MarkUsed() => Volatile.Write(ref _lastUse, _time.GetUtcNow().Ticks);

    /// <summary>
    /// Takes the place of a connection. From now on the presence is told what the account loses, until it leaves.
    /// </summary>
    /// <returns><see langword="false"/>, and without effect, where the account is over, or has as many connections as it may; the latter is counted.</returns>
    public bool TryEnter(IAccountConnection connection)
    {
        if (IsOver || !Usage.TryConnect())
            return false;
        lock (_gate)
        {
            if (!_isOver && _present.Add(connection))
                return true;
        }

        Usage.Disconnect();
        return false;
    }

    /// <summary>Gives the place of a connection back. Nothing happens where it is not there.</summary>
    public void Leave(IAccountConnection connection)
    {
        lock (_gate)
        {
            if (!_present.Remove(connection))
                return;
            MarkUsed();
        }

        Usage.Disconnect();
    }

    /// <summary>Nothing is allowed any more.</summary>
    public void End()
    {
        lock (_gate)
            _isOver = true;
        Tell(isOver: true);
    }

    /// <summary>New registrations that it has left just now; the most there are where each connection has its own.</summary>
    public int NewRegistrationsLeft => (_atHub ?? NewAtHub()).NewRegistrations.Left(_time.GetElapsedTime(0));

    /// <summary>Whose places a new connection of it takes: the consumer's, or, where nobody needs a token, its own.</summary>
    public HubConsumer AtHub() => _atHub ?? NewAtHub();

    /// <summary>Takes over the limits that its consumer has now.</summary>
    public void Refresh()
    {
        if (Present is { } now)
            Usage.Limits = now.Quota.ApplyTo(_limits);
    }

    /// <summary>Less is allowed than before.</summary>
    public void Restrict() => Tell(isOver: false);

    /// <summary>The name and nothing secret.</summary>
    public override string ToString() => $"Account {{ Name = {Name} }}";

    private HubConsumer NewAtHub() => new(Name, () => Usage.Limits.MaxPlaces, new RateBudget(_limits.NewRegistrationsPerMinute, _limits.NewRegistrationsPerHour));

    private void Tell(bool isOver)
    {
        foreach (var connection in Presences())
            connection.OnRightsLost(isOver);
    }

    private IAccountConnection[] Presences()
    {
        lock (_gate)
            return [.. _present];
    }
}

/// <summary>Something by which somebody is present at the gateway: a connection, a stream.</summary>
internal interface IAccountConnection
{
    /// <summary>What waits for it now. May be asked at any time, and must be brief.</summary>
    QueueDepth Waiting { get; }

    /// <summary>
    /// The account is over, or may have less than before: what it may no longer have is to end. Called at any time after <see cref="Account.TryEnter"/>, by any thread; must be brief, wait for
    /// nothing and not throw.
    /// </summary>
    /// <param name="isOver">Whether nothing is allowed any more.</param>
    void OnRightsLost(bool isOver);
}

/// <summary>What waits to be sent to somebody.</summary>
/// <param name="Bytes">Bytes of memory, about.</param>
/// <param name="Records">Records and events of streams. Of connections in the broker's protocol they are not counted.</param>
[StructLayout(LayoutKind.Auto)]
internal readonly record struct QueueDepth(long Bytes, long Records)
{
    public static QueueDepth operator +(QueueDepth one, QueueDepth other) => new(one.Bytes + other.Bytes, one.Records + other.Records);
}

/// <summary>Counts what happened to one of those who use the gateway. For any thread.</summary>
internal sealed class ConsumerCounts
{
    private long _delivered;
    private long _dropped;
    private long _slow;

    /// <summary>Frames, or records of the plain HTTP side, queued for it.</summary>
    public long Delivered => Volatile.Read(ref _delivered);

    /// <summary>Of the plain HTTP side: records that it did not get because it did not keep up. Each is in a gap that it was told of.</summary>
    public long Dropped => Volatile.Read(ref _dropped);

    /// <summary>Connections of it that were closed because it did not keep up.</summary>
    public long SlowCloses => Volatile.Read(ref _slow);

    public void AddDelivered(long count = 1) => Interlocked.Add(ref _delivered, count);

    public void AddDropped(long count = 1) => Interlocked.Add(ref _dropped, count);

    public void AddSlowClose() => Interlocked.Increment(ref _slow);
}
