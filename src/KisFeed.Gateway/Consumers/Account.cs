using KisFeed.Wire;

namespace KisFeed.Gateway;

/// <summary>
/// One of those who use the gateway, with all that it has of it: a consumer with a token, or everybody together where nobody needs one. For any thread.
/// </summary>
/// <param name="consumer">The consumer; <see langword="null"/> for everybody.</param>
/// <param name="store">Where its rights stand; <see langword="null"/> where nobody's are limited.</param>
/// <param name="limits">What it may use.</param>
/// <param name="time">The clock.</param>
internal sealed class Account(Consumer? consumer, ConsumerStore? store, ConsumerLimits limits, TimeProvider time)
{
    /// <summary>What everybody is called where nobody needs a token.</summary>
    public const string Everybody = "(everybody)";

    private readonly Lock _gate = new();
    private readonly HashSet<IPresence> _present = new(ReferenceEqualityComparer.Instance);
    private bool _isOver;
    private long _lastUse;

    /// <summary>Tells this account from all others, those too that had its credentials before. Secret: approval keys are tied to it.</summary>
    public string Id { get; } = Guid.NewGuid().ToString("N");

    /// <summary>What it is called.</summary>
    public string Name => consumer?.Name ?? Everybody;

    /// <summary>The consumer as it came; <see langword="null"/> for everybody.</summary>
    public Consumer? Consumer => consumer;

    /// <summary>What it has of what there is only so much of.</summary>
    public ConsumerUsage Usage { get; } = new(limits, time);

    /// <summary>What happened to it.</summary>
    public ConsumerCounts Counts { get; } = new();

    /// <summary>What waits for it now, over all its connections.</summary>
    public Backlog Waiting => Present().Aggregate(default(Backlog), (sum, presence) => sum + presence.Waiting);

    /// <summary>When its credentials were last accepted, or the present time while something is connected with them; <see langword="null"/> where neither has been.</summary>
    public DateTimeOffset? LastUsedAt
    {
        get
        {
            lock (_gate)
            {
                if (_present.Count > 0)
                    return time.GetUtcNow();
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

    /// <summary>
    /// Whether it may register for a feed, by what is known now. Who grants it a registration asks once more afterwards, or misses what happened in between.
    /// </summary>
    public bool MayRegister(FeedSchema feed) => !IsOver && (consumer is null || store?.Current.Find(consumer)?.MayRegister(feed) == true);

    /// <summary>Whether it may see what all others do, by what is known now. Everybody may where nobody needs a token.</summary>
    public bool IsOperator => !IsOver && (consumer is null || store?.Current.Find(consumer)?.Operator == true);

    /// <summary>Its credentials, or an approval key that was issued for them, have been accepted.</summary>
    public void MarkUsed() => Volatile.Write(ref _lastUse, time.GetUtcNow().Ticks);

    /// <summary>
    /// Takes the place of a connection. From now on the presence is told what the account loses, until it leaves.
    /// </summary>
    /// <returns><see langword="false"/>, and without effect, where the account is over, or has as many connections as it may; the latter is counted.</returns>
    public bool TryEnter(IPresence presence)
    {
        if (IsOver || !Usage.TryConnect())
            return false;
        lock (_gate)
        {
            if (!_isOver && _present.Add(presence))
                return true;
        }

        Usage.Disconnect();
        return false;
    }

    /// <summary>Gives the place of a connection back. Nothing happens where it is not there.</summary>
    public void Leave(IPresence presence)
    {
        lock (_gate)
        {
            if (!_present.Remove(presence))
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

    /// <summary>Less is allowed than before.</summary>
    public void Restrict() => Tell(isOver: false);

    /// <summary>The name and nothing secret.</summary>
    public override string ToString() => $"Account {{ Name = {Name} }}";

    private void Tell(bool isOver)
    {
        foreach (var presence in Present())
            presence.OnRightsLost(isOver);
    }

    private IPresence[] Present()
    {
        lock (_gate)
            return [.. _present];
    }
}
