using KisFeed.Wire;

namespace KisFeed.Gateway.Tests.Hub;

/// <summary>An upstream that is told what a book decides, answers when a test wants it to, and fails on what must never be asked of it.</summary>
internal sealed class BookWorld : IBookActions
{
    private readonly int _places;
    private readonly HashSet<HubKey> _givenUp = [];

    public BookWorld(int places)
    {
        _places = places;
        Book = new RegistrationBook(places, this);
    }

    public RegistrationBook Book { get; }

    /// <summary>Everything that was asked for, in order, such as <c>add 1</c>.</summary>
    public List<string> Asked { get; } = [];

    /// <summary>Keys that are registered, those that are being removed among them.</summary>
    public HashSet<HubKey> Registered { get; } = [];

    /// <summary>Requests that have not been answered: whether each is to add its key.</summary>
    public SortedDictionary<string, (HubKey Key, bool IsAdd)> Open { get; } = new(StringComparer.Ordinal);

    /// <summary>Periods of grace that run.</summary>
    public SortedDictionary<string, (HubKey Key, long Period)> Graces { get; } = new(StringComparer.Ordinal);

    /// <summary>Leases that consumers hold or wait for.</summary>
    public List<Lease> Leases { get; } = [];

    /// <summary>Leases that ended after they were granted.</summary>
    public int Ended { get; private set; }

    public static HubKey Key(int number) => new("H0UPCNT0", $"{number}");

    public Lease Acquire(int number)
    {
        var lease = new Lease(Key(number), _ => Ended++);
        Book.Acquire(lease);
        Leases.Add(lease);
        Settle();
        return lease;
    }

    public void Release(Lease lease)
    {
        Book.Release(lease);
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
            Book.Removed(key);
        }
        else if (givesUp && mayGiveUp)
        {
            Book.GivenUp(key);
        }
        else if (refusal is { } code)
        {
            Book.Refused(key, code);
        }
        else
        {
            Registered.Add(key);
            Book.Added(key);
        }

        Settle();
    }

    public void EndGrace(HubKey key)
    {
        Book.GraceOver(key, Graces[key.Key].Period);
        Settle();
    }

    public void Lose(HubKey key)
    {
        if (!Open.ContainsKey(key.Key))
            Registered.Remove(key);
        Book.Lost(key, BrokerCode.InternalError);
        Settle();
    }

    /// <summary>What must hold after every event.</summary>
    public void Check(bool isDown)
    {
        var wanted = Leases.Select(lease => lease.Key).ToHashSet();
        wanted.Count.ShouldBeLessThanOrEqualTo(_places);
        var taken = Registered.Concat(Open.Values.Select(open => open.Key)).ToHashSet();
        taken.Count.ShouldBeLessThanOrEqualTo(_places);
        foreach (var key in Registered.Where(key => !Open.ContainsKey(key.Key)))
            (wanted.Contains(key) || Graces.ContainsKey(key.Key)).ShouldBeTrue($"{key.Key} is registered for nobody");
        foreach (var key in wanted.Where(key => !taken.Contains(key)))
            taken.Count.ShouldBe(_places, $"{key.Key} is wanted, there is a place, and nobody asks for it");
        var leaving = taken.Count(key => !wanted.Contains(key) && !Graces.ContainsKey(key.Key));
        wanted.Count(key => !taken.Contains(key)).ShouldBeLessThanOrEqualTo(leaving, "who waits for a place waits for one that becomes free");
        foreach (var grace in Graces.Values)
            wanted.ShouldNotContain(grace.Key, "what is wanted is not in grace");
        foreach (var lease in Leases)
        {
            if (isDown || (Registered.Contains(lease.Key) && !Open.ContainsKey(lease.Key.Key)))
                lease.State.ShouldBe(LeaseState.Granted);
        }

        Book.Entries.Select(entry => entry.Key).ShouldBe(wanted.Concat(taken).Concat(Graces.Values.Select(grace => grace.Key)).Distinct(), ignoreOrder: true);
    }

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
        Open.TryAdd(key.Key, (key, false)).ShouldBeTrue("a request is open for this key");
    }

    void IBookActions.BeginGrace(HubKey key, long period) => Graces.TryAdd(key.Key, (key, period)).ShouldBeTrue("its grace runs already");

    void IBookActions.EndGrace(HubKey key) => Graces.Remove(key.Key).ShouldBeTrue("no grace runs");

    private void Settle() => Leases.RemoveAll(lease => lease.State == LeaseState.Over);
}
