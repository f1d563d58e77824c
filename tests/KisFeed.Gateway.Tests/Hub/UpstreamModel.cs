using KisFeed.Gateway.Hub;
using KisFeed.Wire;

namespace KisFeed.Gateway.Tests.Hub;

/// <summary>An upstream that is told what a book decides, answers when a test wants it to, and fails on what must never be asked of it.</summary>
internal sealed class UpstreamModel : IUpstreamActions
{
    private readonly UpstreamRegistrationOptions _options;
    private readonly HashSet<HubKey> _cancelled = [];
    private readonly Dictionary<HubKey, TimeSpan> _registeredAt = [];
    private readonly Dictionary<HubKey, (BrokerCode Code, TimeSpan At)> _refusals = [];
    private readonly Dictionary<HubConsumer, List<TimeSpan>> _charged = [];

    public UpstreamModel(int places)
        : this(new UpstreamRegistrationOptions { Places = places })
    {
    }

    public UpstreamModel(UpstreamRegistrationOptions options)
    {
        _options = options;
        Registrations = new UpstreamRegistrations(options, this);
    }

    /// <summary>The time.</summary>
    public TimeSpan Now { get; set; }

    /// <summary>When the book wants to look again; <see langword="null"/> for never.</summary>
    public TimeSpan? TimerAt { get; set; }

    /// <summary>Consumers that were warned, each as often as it was.</summary>
    public List<HubConsumer> Warned { get; } = [];

    public UpstreamRegistrations Registrations { get; }

    /// <summary>Everything that was asked for, in order, such as <c>add 1</c>.</summary>
    public List<string> Asked { get; } = [];

    /// <summary>Keys that are registered, those that are being removed among them.</summary>
    public HashSet<HubKey> Registered { get; } = [];

    /// <summary>Requests that have not been answered: whether each is to add its key.</summary>
    public SortedDictionary<string, (HubKey Key, bool IsAdd)> Open { get; } = new(StringComparer.Ordinal);

    /// <summary>Periods of grace that run.</summary>
    public SortedDictionary<string, (HubKey Key, long Period, TimeSpan EndsAt)> Graces { get; } = new(StringComparer.Ordinal);

    /// <summary>Leases that consumers hold or wait for.</summary>
    public List<Lease> Leases { get; } = [];

    /// <summary>Leases that ended after they were granted.</summary>
    public int Ended { get; private set; }

    public static HubKey Key(int number) => new("H0UPCNT0", $"{number}");

    public Lease Acquire(int number, HubConsumer? consumer = null)
    {
        var lease = new Lease(Key(number), consumer, _ => Ended++);
        var isNew = !Registered.Contains(lease.Key) && !Open.ContainsKey(lease.Key.Key) && !Leases.Exists(other => other.Key == lease.Key);
        var adds = Asked.Count;
        var held = consumer is null ? 0 : WantedBecauseOf(consumer);
        var limit = consumer is null ? 0 : Registrations.LimitOf(consumer);
        Registrations.Acquire(lease, Now);
        if (consumer is not null && isNew && lease.State != LeaseState.Over)
            Charge(consumer);
        if (_refusals.TryGetValue(lease.Key, out var refusal) && Now < refusal.At + _options.RefusalMemory)
            Asked.Skip(adds).Any(asked => asked == $"add {number}").ShouldBeFalse("upstream has refused it for good");
        if (consumer is not null && lease.State != LeaseState.Over && WantedBecauseOf(consumer) > held)
            held.ShouldBeLessThan(limit, $"{consumer.Name} holds more places than it may");
        Leases.Add(lease);
        Settle();
        return lease;
    }

    public void Release(Lease lease)
    {
        Registrations.Release(lease, Now);
        Settle();
    }

    /// <summary>Answers the open request of a key: as was asked, or with a refusal, or by giving up where that was asked for.</summary>
    public void Answer(HubKey key, BrokerCode? refusal = null, bool givesUp = false)
    {
        Open.Remove(key.Key, out var open).ShouldBeTrue();
        var mayGiveUp = _cancelled.Remove(key);
        if (!open.IsAdd)
        {
            Registered.Remove(key);
            Registrations.OnRemoved(key, Now);
        }
        else if (givesUp && mayGiveUp)
        {
            Registrations.OnCancelled(key, Now);
        }
        else if (refusal is { } code)
        {
            if (code.Meaning == BrokerCodeMeaning.InvalidRegistration)
                _refusals[key] = (code, Now);
            Registrations.OnRefused(key, code, Now);
        }
        else
        {
            Registered.Add(key);
            _registeredAt[key] = Now;
            Registrations.OnAdded(key, Now);
        }

        Settle();
    }

    public void EndGrace(HubKey key)
    {
        Registrations.OnGraceEnded(key, Graces[key.Key].Period, Now);
        Settle();
    }

    public void Lose(HubKey key)
    {
        if (!Open.ContainsKey(key.Key))
            Registered.Remove(key);
        _registeredAt.Remove(key); // Upstream has taken it back: it is let go at once.
        Registrations.OnLost(key, BrokerCode.InternalError);
        Settle();
    }

    /// <summary>The time that the book has named has come.</summary>
    public void LookAgain()
    {
        TimerAt = null;
        Registrations.OnTimer(Now);
        Settle();
    }

    /// <summary>What must hold after every event.</summary>
    public void Check(bool isDown)
    {
        var wanted = Leases.Select(lease => lease.Key).ToHashSet();
        wanted.Count.ShouldBeLessThanOrEqualTo(_options.Places);
        var taken = Registered.Concat(Open.Values.Select(open => open.Key)).ToHashSet();
        taken.Count.ShouldBeLessThanOrEqualTo(_options.Places);
        foreach (var key in Registered.Where(key => !Open.ContainsKey(key.Key)))
            (wanted.Contains(key) || Graces.ContainsKey(key.Key)).ShouldBeTrue($"{key.Key} is registered for nobody");
        var waiting = Registrations.Entries.Where(entry => entry.Phase == KeyPhase.Queued).ToList();
        foreach (var entry in waiting)
        {
            var mayReplaceOwnAlone = entry.Holder is { } holder && Registrations.PlacesOf(holder) >= Registrations.LimitOf(holder);
            (taken.Count == _options.Places || mayReplaceOwnAlone).ShouldBeTrue($"{entry.Key.Key} is wanted, there is a place, and nobody asks for it");
        }

        var leaving = taken.Count(key => !wanted.Contains(key) && !Graces.ContainsKey(key.Key));
        if (waiting.Count > 0 && leaving == 0)
            (TimerAt is not null).ShouldBeTrue("who waits for a place waits for one that becomes free, or for the end of the time that a key must stay");
        foreach (var grace in Graces.Values)
            wanted.ShouldNotContain(grace.Key, "what is wanted is not in grace");
        foreach (var lease in Leases)
        {
            if (isDown || (Registered.Contains(lease.Key) && !Open.ContainsKey(lease.Key.Key)))
                lease.State.ShouldBe(LeaseState.Granted);
        }

        Registrations.Entries.Select(entry => entry.Key).ShouldBe(wanted.Concat(taken).Concat(Graces.Values.Select(grace => grace.Key)).Distinct(), ignoreOrder: true);
    }

    /// <summary>Keys that somebody wants and that take a place of a consumer.</summary>
    private int WantedBecauseOf(HubConsumer consumer) => Registrations.Entries.Count(entry => entry.IsWanted && entry.Holder == consumer);

    void IUpstreamActions.Add(HubKey key)
    {
        Registered.ShouldNotContain(key, "it is registered already");
        Asked.Add($"add {key.Key}");
        Open.TryAdd(key.Key, (key, true)).ShouldBeTrue("a request is open for this key");
    }

    void IUpstreamActions.CancelAdd(HubKey key)
    {
        Open.ShouldContainKeyAndValue(key.Key, (key, true));
        _cancelled.Add(key).ShouldBeTrue("it was asked to give up already");
    }

    void IUpstreamActions.Remove(HubKey key)
    {
        Asked.Add($"remove {key.Key}");
        if (_registeredAt.TryGetValue(key, out var at))
            (Now - at).ShouldBeGreaterThanOrEqualTo(_options.MinimumHold, $"{key.Key} is let go too soon");
        Open.TryAdd(key.Key, (key, false)).ShouldBeTrue("a request is open for this key");
    }

    void IUpstreamActions.BeginGrace(HubKey key, long period, TimeSpan duration) => Graces.TryAdd(key.Key, (key, period, Now + duration)).ShouldBeTrue("its grace runs already");

    void IUpstreamActions.EndGrace(HubKey key) => Graces.Remove(key.Key).ShouldBeTrue("no grace runs");

    void IUpstreamActions.SetTimer(TimeSpan delay)
    {
        delay.ShouldBeGreaterThanOrEqualTo(TimeSpan.Zero);
        TimerAt = Now + delay;
    }

    void IUpstreamActions.FewRegistrationsLeft(HubConsumer consumer, int left)
    {
        left.ShouldBeGreaterThanOrEqualTo(0);
        Warned.Add(consumer);
    }

    private void Charge(HubConsumer consumer)
    {
        if (!_charged.TryGetValue(consumer, out var charged))
            _charged.Add(consumer, charged = []);
        charged.Add(Now);
        charged.Count(at => at > Now - TimeSpan.FromMinutes(1)).ShouldBeLessThanOrEqualTo(consumer.NewRegistrations.PerMinute, $"{consumer.Name} has more new registrations than it may");
    }

    private void Settle() => Leases.RemoveAll(lease => lease.State == LeaseState.Over);
}
