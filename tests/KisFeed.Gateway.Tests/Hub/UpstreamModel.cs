using KisFeed.Gateway.Hub;
using KisFeed.Wire;

namespace KisFeed.Gateway.Tests.Hub;

/// <summary>
/// A model of upstream that executes the decisions of <see cref="UpstreamRegistrations"/>, answers when a test requests
/// it, and fails on forbidden requests.
/// </summary>
internal sealed class UpstreamModel : IUpstreamActions
{
    private readonly UpstreamRegistrationOptions _options;
    private readonly HashSet<HubKey> _cancelled = [];
    private readonly Dictionary<HubKey, TimeSpan> _registeredAt = [];
    private readonly Dictionary<HubKey, (BrokerCode Code, TimeSpan At)> _refusals = [];
    private readonly Dictionary<HubConsumer, List<TimeSpan>> _charged = [];

    public UpstreamModel(int slots)
        : this(new UpstreamRegistrationOptions { Slots = slots })
    {
    }

    public UpstreamModel(UpstreamRegistrationOptions options)
    {
        _options = options;
        Registrations = new UpstreamRegistrations(options, this);
    }

    /// <summary>The current time.</summary>
    public TimeSpan Now { get; set; }

    /// <summary>When the requested timer is due; <see langword="null"/> for never.</summary>
    public TimeSpan? TimerAt { get; set; }

    /// <summary>The consumers of all warnings.</summary>
    public List<HubConsumer> Warned { get; } = [];

    public UpstreamRegistrations Registrations { get; }

    /// <summary>All requests in order, such as <c>add 1</c>.</summary>
    public List<string> Requests { get; } = [];

    /// <summary>Registered keys, including those whose removal is pending.</summary>
    public HashSet<HubKey> Registered { get; } = [];

    /// <summary>Pending requests, and whether each adds or removes its key.</summary>
    public SortedDictionary<string, (HubKey Key, bool IsAdd)> Open { get; } = new(StringComparer.Ordinal);

    /// <summary>Running grace periods.</summary>
    public SortedDictionary<string, (HubKey Key, long Period, TimeSpan EndsAt)> GracePeriods { get; } = new(StringComparer.Ordinal);

    /// <summary>Granted and waiting claims.</summary>
    public List<Claim> Claims { get; } = [];

    /// <summary>The number of claims that ended after they were granted.</summary>
    public int Ended { get; private set; }

    public static HubKey Key(int number) => new("H0UPCNT0", $"{number}");

    public Claim Acquire(int number, HubConsumer? consumer = null)
    {
        var claim = new Claim(Key(number), consumer, _ => Ended++);
        var isNew = !Registered.Contains(claim.Key) && !Open.ContainsKey(claim.Key.Key) && !Claims.Exists(other => other.Key == claim.Key);
        var adds = Requests.Count;
        var held = consumer is null ? 0 : RequestedKeysOf(consumer);
        var limit = consumer is null ? 0 : Registrations.LimitOf(consumer);
        Registrations.Acquire(claim, Now);
        if (consumer is not null && isNew && claim.State != ClaimState.Ended)
            Charge(consumer);
        if (_refusals.TryGetValue(claim.Key, out var refusal) && Now < refusal.At + _options.RefusalMemory)
            Requests.Skip(adds).Any(request => request == $"add {number}").ShouldBeFalse("upstream has refused it permanently");
        if (consumer is not null && claim.State != ClaimState.Ended && RequestedKeysOf(consumer) > held)
            held.ShouldBeLessThan(limit, $"{consumer.Name} holds more slots than it may");
        Claims.Add(claim);
        RemoveEndedClaims();
        return claim;
    }

    /// <summary>Acquires a key, which upstream registers.</summary>
    public Claim Register(int number, HubConsumer? consumer = null)
    {
        var claim = Acquire(number, consumer);
        Answer(Key(number));
        return claim;
    }

    /// <summary>Registers a key, whose grace period then runs.</summary>
    public Claim RegisterAndRelease(int number, HubConsumer? consumer = null)
    {
        var claim = Register(number, consumer);
        Release(claim);
        return claim;
    }

    /// <summary>Releases a claim after upstream has lost its connection, and the registration with it.</summary>
    public void Lose(Claim claim)
    {
        Release(claim);
        _registeredAt.Remove(claim.Key);
        Registrations.Drop(claim.Key);
    }

    public void Release(Claim claim)
    {
        Registrations.Release(claim, Now);
        RemoveEndedClaims();
    }

    /// <summary>Releases a claim of a page that is closed.</summary>
    public void Close(Claim claim)
    {
        Registrations.Release(claim, Now, closesPage: true);
        RemoveEndedClaims();
    }

    /// <summary>Answers the pending request of a key: with success, with a refusal, or by cancelling it if that was requested.</summary>
    public void Answer(int number, BrokerCode? refusal = null) => Answer(Key(number), refusal);

    /// <summary>Answers the pending request of a key: with success, with a refusal, or by cancelling it if that was requested.</summary>
    public void Answer(HubKey key, BrokerCode? refusal = null, bool timesOut = false)
    {
        Open.Remove(key.Key, out var open).ShouldBeTrue();
        var mayTimeOut = _cancelled.Remove(key);
        if (!open.IsAdd)
        {
            Registered.Remove(key);
            Registrations.OnRemoved(key, Now);
        }
        else if (timesOut && mayTimeOut)
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

        RemoveEndedClaims();
    }

    public void EndGrace(HubKey key)
    {
        Registrations.OnGraceEnded(key, GracePeriods[key.Key].Period, Now);
        RemoveEndedClaims();
    }

    public void EndRegistration(HubKey key)
    {
        if (!Open.ContainsKey(key.Key))
            Registered.Remove(key);
        _registeredAt.Remove(key); // Upstream has ended the registration, so there is no minimum hold.
        Registrations.OnLost(key, BrokerCode.InternalError);
        RemoveEndedClaims();
    }

    /// <summary>Runs the due timer.</summary>
    public void RunTimer()
    {
        TimerAt = null;
        Registrations.OnTimer(Now);
        RemoveEndedClaims();
    }

    /// <summary>Checks the invariants after every event.</summary>
    public void Check(bool isDown)
    {
        var requestedKeys = Claims.Select(claim => claim.Key).ToHashSet();
        requestedKeys.Count.ShouldBeLessThanOrEqualTo(_options.Slots);
        var occupied = Registered.Concat(Open.Values.Select(open => open.Key)).ToHashSet();
        occupied.Count.ShouldBeLessThanOrEqualTo(_options.Slots);
        foreach (var key in Registered.Where(key => !Open.ContainsKey(key.Key)))
            (requestedKeys.Contains(key) || GracePeriods.ContainsKey(key.Key)).ShouldBeTrue($"{key.Key} is registered without a consumer");
        var waiting = Registrations.Entries.Where(entry => entry.Phase == KeyPhase.Queued).ToList();
        foreach (var entry in waiting)
        {
            var mayOnlyReplaceOwn = entry.Holder is { } holder && Registrations.SlotsOf(holder) >= Registrations.LimitOf(holder);
            (occupied.Count == _options.Slots || mayOnlyReplaceOwn).ShouldBeTrue($"{entry.Key.Key} has a slot but was not requested");
        }

        var releasing = occupied.Count(key => !requestedKeys.Contains(key) && !GracePeriods.ContainsKey(key.Key));
        if (waiting.Count > 0 && releasing == 0)
            (TimerAt is not null).ShouldBeTrue("a waiting key waits for a release or for the end of a minimum hold");
        foreach (var grace in GracePeriods.Values)
            requestedKeys.ShouldNotContain(grace.Key, "a requested key is not in its grace period");
        foreach (var claim in Claims)
        {
            if (isDown || (Registered.Contains(claim.Key) && !Open.ContainsKey(claim.Key.Key)))
                claim.State.ShouldBe(ClaimState.Granted);
        }

        Registrations.Entries.Select(entry => entry.Key)
            .ShouldBe(requestedKeys.Concat(occupied).Concat(GracePeriods.Values.Select(grace => grace.Key)).Distinct(), ignoreOrder: true);
    }

    /// <summary>The number of requested keys that use a slot of a consumer.</summary>
    private int RequestedKeysOf(HubConsumer consumer) => Registrations.Entries.Count(entry => entry.IsWanted && entry.Holder == consumer);

    void IUpstreamActions.Add(HubKey key)
    {
        Registered.ShouldNotContain(key, "it is already registered");
        Requests.Add($"add {key.Key}");
        Open.TryAdd(key.Key, (key, true)).ShouldBeTrue("a request is pending for this key");
    }

    void IUpstreamActions.CancelAdd(HubKey key)
    {
        Open.ShouldContainKeyAndValue(key.Key, (key, true));
        _cancelled.Add(key).ShouldBeTrue("it was already cancelled");
    }

    void IUpstreamActions.Remove(HubKey key)
    {
        Requests.Add($"remove {key.Key}");
        if (_registeredAt.TryGetValue(key, out var at))
            (Now - at).ShouldBeGreaterThanOrEqualTo(_options.MinimumHold, $"{key.Key} is released before its minimum hold");
        Open.TryAdd(key.Key, (key, false)).ShouldBeTrue("a request is pending for this key");
    }

    void IUpstreamActions.BeginGrace(HubKey key, long period, TimeSpan duration) =>
        GracePeriods.TryAdd(key.Key, (key, period, Now + duration)).ShouldBeTrue("its grace period is already running");

    void IUpstreamActions.EndGrace(HubKey key) => GracePeriods.Remove(key.Key).ShouldBeTrue("no grace period is running");

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
        charged.Count(at => at > Now - TimeSpan.FromMinutes(1))
            .ShouldBeLessThanOrEqualTo(consumer.NewRegistrations.PerMinute, $"{consumer.Name} has more new registrations than it may");
    }

    private void RemoveEndedClaims() => Claims.RemoveAll(claim => claim.State == ClaimState.Ended);
}
