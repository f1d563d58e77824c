using KisFeed.Wire;

namespace KisFeed.Gateway.Tests.Hub;

/// <summary>An upstream that is told what a book decides, answers when a test wants it to, and fails on what must never be asked of it.</summary>
internal sealed class BookWorld : IBookActions
{
    private readonly BookRules _rules;
    private readonly HashSet<HubKey> _givenUp = [];
    private readonly Dictionary<HubKey, TimeSpan> _registeredAt = [];
    private readonly Dictionary<HubKey, (BrokerCode Code, TimeSpan At)> _refusals = [];
    private readonly Dictionary<HubConsumer, List<TimeSpan>> _charged = [];

    public BookWorld(int places)
        : this(new BookRules { Places = places })
    {
    }

    public BookWorld(BookRules rules)
    {
        _rules = rules;
        Book = new UpstreamRegistrations(rules, this);
    }

    /// <summary>The time.</summary>
    public TimeSpan Now { get; set; }

    /// <summary>When the book wants to look again; <see langword="null"/> for never.</summary>
    public TimeSpan? LookAgainAt { get; set; }

    /// <summary>Consumers that were warned, each as often as it was.</summary>
    public List<HubConsumer> Warned { get; } = [];

    public UpstreamRegistrations Book { get; }

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
        var limit = consumer is null ? 0 : Book.LimitOf(consumer);
        Book.Acquire(lease, Now);
        if (consumer is not null && isNew && lease.State != LeaseState.Over)
            Charge(consumer);
        if (_refusals.TryGetValue(lease.Key, out var refusal) && Now < refusal.At + _rules.RefusalMemory)
            Asked.Skip(adds).Any(asked => asked == $"add {number}").ShouldBeFalse("upstream has refused it for good");
        if (consumer is not null && lease.State != LeaseState.Over && WantedBecauseOf(consumer) > held)
            held.ShouldBeLessThan(limit, $"{consumer.Name} holds more places than it may");
        Leases.Add(lease);
        Settle();
        return lease;
    }

    public void Release(Lease lease)
    {
        Book.Release(lease, Now);
        Settle();
    }

    /// <summary>Answers the open request of a key: as was asked, or with a refusal, or by giving up where that was asked for.</summary>
    public void Answer(HubKey key, BrokerCode? refusal = null, bool givesUp = false)
    {
        Open.Remove(key.Key, out var open).ShouldBeTrue();
        var mayGiveUp = _givenUp.Remove(key);
        if (!open.IsAdd)
        {
            Registered.Remove(key);
            Book.Removed(key, Now);
        }
        else if (givesUp && mayGiveUp)
        {
            Book.GivenUp(key, Now);
        }
        else if (refusal is { } code)
        {
            if (code.Meaning == BrokerCodeMeaning.InvalidRegistration)
                _refusals[key] = (code, Now);
            Book.Refused(key, code, Now);
        }
        else
        {
            Registered.Add(key);
            _registeredAt[key] = Now;
            Book.Added(key, Now);
        }

        Settle();
    }

    public void EndGrace(HubKey key)
    {
        Book.GraceOver(key, Graces[key.Key].Period, Now);
        Settle();
    }

    public void Lose(HubKey key)
    {
        if (!Open.ContainsKey(key.Key))
            Registered.Remove(key);
        _registeredAt.Remove(key); // Upstream has taken it back: it is let go at once.
        Book.Lost(key, BrokerCode.InternalError);
        Settle();
    }

    /// <summary>The time that the book has named has come.</summary>
    public void LookAgain()
    {
        LookAgainAt = null;
        Book.LookAgain(Now);
        Settle();
    }

    /// <summary>What must hold after every event.</summary>
    public void Check(bool isDown)
    {
        var wanted = Leases.Select(lease => lease.Key).ToHashSet();
        wanted.Count.ShouldBeLessThanOrEqualTo(_rules.Places);
        var taken = Registered.Concat(Open.Values.Select(open => open.Key)).ToHashSet();
        taken.Count.ShouldBeLessThanOrEqualTo(_rules.Places);
        foreach (var key in Registered.Where(key => !Open.ContainsKey(key.Key)))
            (wanted.Contains(key) || Graces.ContainsKey(key.Key)).ShouldBeTrue($"{key.Key} is registered for nobody");
        var waiting = Book.Entries.Where(entry => entry.Phase == KeyPhase.Queued).ToList();
        foreach (var entry in waiting)
        {
            var mayReplaceOwnAlone = entry.Holder is { } holder && Book.PlacesOf(holder) >= Book.LimitOf(holder);
            (taken.Count == _rules.Places || mayReplaceOwnAlone).ShouldBeTrue($"{entry.Key.Key} is wanted, there is a place, and nobody asks for it");
        }

        var leaving = taken.Count(key => !wanted.Contains(key) && !Graces.ContainsKey(key.Key));
        if (waiting.Count > 0 && leaving == 0)
            (LookAgainAt is not null).ShouldBeTrue("who waits for a place waits for one that becomes free, or for the end of the time that a key must stay");
        foreach (var grace in Graces.Values)
            wanted.ShouldNotContain(grace.Key, "what is wanted is not in grace");
        foreach (var lease in Leases)
        {
            if (isDown || (Registered.Contains(lease.Key) && !Open.ContainsKey(lease.Key.Key)))
                lease.State.ShouldBe(LeaseState.Granted);
        }

        Book.Entries.Select(entry => entry.Key).ShouldBe(wanted.Concat(taken).Concat(Graces.Values.Select(grace => grace.Key)).Distinct(), ignoreOrder: true);
    }

    /// <summary>Keys that somebody wants and that take a place of a consumer.</summary>
    private int WantedBecauseOf(HubConsumer consumer) => Book.Entries.Count(entry => entry.IsWanted && entry.Holder == consumer);

    void IBookActions.Add(HubKey key)
    {
        Registered.ShouldNotContain(key, "it is registered already");
        Asked.Add($"add {key.Key}");
        Open.TryAdd(key.Key, (key, true)).ShouldBeTrue("a request is open for this key");
    }

    void IBookActions.GiveUp(HubKey key)
    {
        Open.ShouldContainKeyAndValue(key.Key, (key, true));
        _givenUp.Add(key).ShouldBeTrue("it was asked to give up already");
    }

    void IBookActions.Remove(HubKey key)
    {
        Asked.Add($"remove {key.Key}");
        if (_registeredAt.TryGetValue(key, out var at))
            (Now - at).ShouldBeGreaterThanOrEqualTo(_rules.MinimumHold, $"{key.Key} is let go too soon");
        Open.TryAdd(key.Key, (key, false)).ShouldBeTrue("a request is open for this key");
    }

    void IBookActions.BeginGrace(HubKey key, long period, TimeSpan duration) => Graces.TryAdd(key.Key, (key, period, Now + duration)).ShouldBeTrue("its grace runs already");

    void IBookActions.EndGrace(HubKey key) => Graces.Remove(key.Key).ShouldBeTrue("no grace runs");

    void IBookActions.SetTimer(TimeSpan delay)
    {
        delay.ShouldBeGreaterThanOrEqualTo(TimeSpan.Zero);
        LookAgainAt = Now + delay;
    }

    void IBookActions.FewRegistrationsLeft(HubConsumer consumer, int left)
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
