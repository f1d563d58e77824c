using KisFeed.Session;
using KisFeed.Wire;

namespace KisFeed.Gateway;

/// <summary>One consumer's wish for a key, and what becomes of it.</summary>
/// <param name="key">What it is for.</param>
/// <param name="consumer">Who wants it; <see langword="null"/> for the gateway itself.</param>
/// <param name="onEnded">
/// Called once where upstream takes back what was granted. Under the hub's lock: it must be brief and not call the hub.
/// </param>
internal sealed class Lease(HubKey key, HubConsumer? consumer = null, Action<BrokerCode>? onEnded = null)
{
    private readonly TaskCompletionSource _answered = new(TaskCreationOptions.RunContinuationsAsynchronously);

    public HubKey Key => key;

    /// <summary>Who wants it; <see langword="null"/> for the gateway itself.</summary>
    public HubConsumer? Consumer => consumer;

    /// <summary>How far it has come.</summary>
    public LeaseState State { get; private set; }

    /// <summary>Why it was refused; <see langword="null"/> where it was not.</summary>
    public BrokerCode? Refusal { get; private set; }

    /// <summary>Which of the consumer's limits it was refused by; <see langword="null"/> where it was upstream, or nothing.</summary>
    public ConsumerLimit? Limit { get; private set; }

    /// <summary>Completes when it is granted or refused.</summary>
    public Task Answered => _answered.Task;

    public void Grant()
    {
        State = LeaseState.Granted;
        _answered.TrySetResult();
    }

    /// <summary>Upstream does not give the key, or not any more.</summary>
    public void End(BrokerCode code)
    {
        var wasGranted = State == LeaseState.Granted;
        State = LeaseState.Over;
        if (wasGranted)
        {
            onEnded?.Invoke(code);
            return;
        }

        Refusal = code;
        _answered.TrySetResult();
    }

    /// <summary>The consumer may not have it.</summary>
    public void Refuse(BrokerCode code, ConsumerLimit limit)
    {
        Limit = limit;
        End(code);
    }

    /// <summary>The consumer does not want it any more.</summary>
    public void GiveBack()
    {
        State = LeaseState.Over;
        _answered.TrySetResult();
    }
}

/// <summary>What has become of a consumer's wish for a key.</summary>
internal enum LeaseState
{
    /// <summary>Upstream has not answered, or has no place yet.</summary>
    Waiting,

    /// <summary>The consumer has the key, or is to have it as soon as there is an upstream again.</summary>
    Granted,

    /// <summary>Refused, ended or given back.</summary>
    Over,
}

/// <summary>What is registered upstream: one key of one feed.</summary>
/// <param name="TrId">The TR ID.</param>
/// <param name="Key">The key within the feed, which for order notices is an HTS ID.</param>
internal readonly record struct HubKey(string TrId, string Key)
{
    /// <summary>The feed alone: the key may be an HTS ID.</summary>
    public override string ToString() => TrId;
}

/// <summary>One of those who share upstream's places: a consumer with a token, over all its connections, or one connection where nobody needs a token.</summary>
/// <param name="name">What logs call it.</param>
/// <param name="maxPlaces">How many places it may hold, whether or not others are connected; <see langword="null"/> where that is shared out.</param>
/// <param name="newRegistrations">How often new keys may be registered upstream for it.</param>
internal sealed class HubConsumer(string name, Func<int?> maxPlaces, RateBudget newRegistrations)
{
    /// <summary>What logs call it.</summary>
    public string Name => name;

    /// <summary>How many places it may hold at most; <see langword="null"/> where that is shared out.</summary>
    public int? MaxPlaces => maxPlaces();

    /// <summary>How often new keys may be registered upstream for it.</summary>
    public RateBudget NewRegistrations => newRegistrations;

    /// <summary>Its connections. The book's.</summary>
    internal int Connections { get; set; }
}

/// <summary>A key that somebody wants, or wanted until a moment ago.</summary>
internal sealed class KeyEntry(HubKey key)
{
    public HubKey Key => key;

    public KeyPhase Phase { get; set; }

    /// <summary>The consumers that wait for it or have it.</summary>
    public HashSet<Lease> Leases { get; } = [];

    /// <summary>Which period of grace runs; 0 where none does.</summary>
    public long Grace { get; set; }

    /// <summary>Who has it because of whom: the consumer whose place it takes; <see langword="null"/> for the gateway itself. In grace, the last that wanted it.</summary>
    public HubConsumer? Holder => Paying.Consumer;

    /// <summary>The lease whose consumer's place it takes.</summary>
    public required Lease Paying { get; set; }

    /// <summary>Until when it stays registered at least.</summary>
    public TimeSpan FirmUntil { get; set; }

    /// <summary>Whether the open request has been asked to give up.</summary>
    public bool IsCancelled { get; set; }

    public bool IsWanted => Leases.Count > 0;

    /// <summary>Whether it takes one of upstream's places.</summary>
    public bool HasPlace => Phase != KeyPhase.Queued;

    /// <summary>Whether its place becomes free without anything more being done.</summary>
    public bool IsLeaving => !IsWanted && Phase is (KeyPhase.Dropping or KeyPhase.Removing);
}

/// <summary>How a key stands upstream. At most one request is open for a key at any time.</summary>
internal enum KeyPhase
{
    /// <summary>It waits for the place of a key that nobody wants any more. Nothing has been asked for.</summary>
    Queued,

    /// <summary>It has been asked for; the answer is awaited.</summary>
    Adding,

    /// <summary>It has been asked for, and is to be given back as soon as the answer is there.</summary>
    Dropping,

    /// <summary>It is registered.</summary>
    Held,

    /// <summary>It is being given back.</summary>
    Removing,
}
