using KisFeed.Session;
using KisFeed.Wire;

namespace KisFeed.Gateway.Hub;

/// <summary>A consumer's hold on an upstream registration, from the request on.</summary>
/// <param name="key">The key.</param>
/// <param name="consumer">The consumer; <see langword="null"/> for the gateway itself.</param>
/// <param name="onEnded">
/// Called once if upstream ends the registration after it was granted. Must return quickly and not call the hub.
/// </param>
internal sealed class Claim(HubKey key, HubConsumer? consumer = null, Action<BrokerCode>? onEnded = null)
{
    private readonly TaskCompletionSource _answered = new(TaskCreationOptions.RunContinuationsAsynchronously);

    public HubKey Key => key;

    public HubConsumer? Consumer => consumer;

    public ClaimState State { get; private set; }

    /// <summary>Whether the key is released at once if this was its last claim.</summary>
    public bool EndsWithoutGrace { get; init; }

    public BrokerCode? Refusal { get; private set; }

    /// <summary>The consumer's limit that it was refused by; <see langword="null"/> if upstream refused it, or nothing did.</summary>
    public ConsumerLimit? Limit { get; private set; }

    public Task Answered => _answered.Task;

    public void Grant()
    {
        State = ClaimState.Granted;
        _answered.TrySetResult();
    }

    /// <summary>Ends it because upstream refused the key, or ended its registration.</summary>
    public void End(BrokerCode code)
    {
        var wasGranted = State == ClaimState.Granted;
        State = ClaimState.Ended;
        if (wasGranted)
        {
            onEnded?.Invoke(code);
            return;
        }

        Refusal = code;
        _answered.TrySetResult();
    }

    public void Refuse(BrokerCode code, ConsumerLimit limit)
    {
        Limit = limit;
        End(code);
    }

    public void Release()
    {
        State = ClaimState.Ended;
        _answered.TrySetResult();
    }
}

/// <summary>The state of a <see cref="Claim"/>.</summary>
internal enum ClaimState
{
    /// <summary>Upstream has not replied, or has no free slot yet.</summary>
    Waiting,

    /// <summary>The consumer has the key, or will have it as soon as upstream is reachable again.</summary>
    Granted,

    Ended,
}

/// <summary>One key of one feed, which can be registered upstream.</summary>
/// <param name="TrId">The TR ID.</param>
/// <param name="Key">The key within the feed; for order notices, an HTS ID.</param>
internal readonly record struct HubKey(string TrId, string Key)
{
    /// <summary>Only the feed, because the key may be an HTS ID.</summary>
    public override string ToString() => TrId;
}

/// <summary>
/// A holder of upstream slots: a consumer with a token, over all its connections, or one connection if no tokens are required.
/// </summary>
/// <param name="name">Its name, for logs.</param>
/// <param name="maxSlots">How many slots it may hold, whether or not others are connected;
/// <see langword="null"/> for a fair share.</param>
/// <param name="newRegistrations">Its budget of new upstream registrations.</param>
internal sealed class HubConsumer(string name, Func<int?> maxSlots, RateBudget newRegistrations)
{
    public string Name => name;

    public int? MaxSlots => maxSlots();

    public RateBudget NewRegistrations => newRegistrations;

    /// <summary>Its open connections. Only <see cref="UpstreamRegistrations"/> uses this.</summary>
    internal int Connections { get; set; }
}
