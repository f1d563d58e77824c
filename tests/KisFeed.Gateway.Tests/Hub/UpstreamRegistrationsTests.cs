using KisFeed.Gateway.Hub;
using KisFeed.Session;
using KisFeed.Wire;

namespace KisFeed.Gateway.Tests.Hub;

/// <summary>What is registered upstream follows what is wanted, whatever the order in which things happen.</summary>
public sealed class UpstreamRegistrationsTests
{
    private const int Seeds = 5_000;
    private const int Steps = 120;

    [Fact]
    public void A_key_is_asked_for_once_however_many_want_it()
    {
        var upstream = new UpstreamModel(places: 2);
        var first = upstream.Acquire(1);
        var second = upstream.Acquire(1);
        first.State.ShouldBe(LeaseState.Waiting);
        upstream.Answer(UpstreamModel.Key(1));
        var third = upstream.Acquire(1);

        new[] { first, second, third }.ShouldAllBe(lease => lease.State == LeaseState.Granted);
        upstream.Asked.ShouldBe(["add 1"]);
    }

    [Fact]
    public void Who_comes_back_within_the_grace_finds_the_key_as_it_was()
    {
        var upstream = new UpstreamModel(places: 2);
        var lease = upstream.Acquire(1);
        upstream.Answer(UpstreamModel.Key(1));
        upstream.Release(lease);
        var period = upstream.Graces["1"].Period;

        upstream.Acquire(1).State.ShouldBe(LeaseState.Granted);

        upstream.Registrations.OnGraceEnded(UpstreamModel.Key(1), period, upstream.Now);
        upstream.Asked.ShouldBe(["add 1"]);
    }

    [Fact]
    public void A_key_goes_when_its_grace_is_over_and_once()
    {
        var upstream = new UpstreamModel(places: 2);
        var lease = upstream.Acquire(1);
        upstream.Answer(UpstreamModel.Key(1));
        upstream.Release(lease);
        upstream.Release(lease);
        upstream.EndGrace(UpstreamModel.Key(1));
        upstream.Answer(UpstreamModel.Key(1));

        upstream.Asked.ShouldBe(["add 1", "remove 1"]);
        upstream.Registrations.Entries.ShouldBeEmpty();
    }

    [Fact]
    public void Who_finds_no_place_is_refused_and_nobody_else_notices()
    {
        var upstream = new UpstreamModel(places: 1);
        var holder = upstream.Acquire(1);
        upstream.Answer(UpstreamModel.Key(1));

        var newcomer = upstream.Acquire(2);

        newcomer.Refusal.ShouldBe(BrokerCode.TooManySubscriptions);
        holder.State.ShouldBe(LeaseState.Granted);
        upstream.Asked.ShouldBe(["add 1"]);
    }

    [Fact]
    public void A_key_in_grace_gives_its_place_to_a_newcomer_who_is_asked_for_when_it_has_gone()
    {
        var upstream = new UpstreamModel(places: 2);
        foreach (var number in (int[])[1, 2])
        {
            var lease = upstream.Acquire(number);
            upstream.Answer(UpstreamModel.Key(number));
            upstream.Release(lease);
        }

        var newcomer = upstream.Acquire(3);
        upstream.Asked.ShouldBe(["add 1", "add 2", "remove 1"], "the one that has been in grace for longest goes");
        upstream.Answer(UpstreamModel.Key(1));
        upstream.Answer(UpstreamModel.Key(3));

        newcomer.State.ShouldBe(LeaseState.Granted);
        upstream.Asked[^1].ShouldBe("add 3");
    }

    [Fact]
    public void Who_wants_a_key_that_is_being_released_gets_it_anew()
    {
        var upstream = new UpstreamModel(places: 1);
        var lease = upstream.Acquire(1);
        upstream.Answer(UpstreamModel.Key(1));
        upstream.Release(lease);
        upstream.EndGrace(UpstreamModel.Key(1));

        var again = upstream.Acquire(1);
        again.State.ShouldBe(LeaseState.Waiting);
        upstream.Answer(UpstreamModel.Key(1));
        upstream.Answer(UpstreamModel.Key(1));

        again.State.ShouldBe(LeaseState.Granted);
        upstream.Asked.ShouldBe(["add 1", "remove 1", "add 1"]);
    }

    [Fact]
    public void A_refusal_reaches_who_waits_as_an_answer_and_who_was_granted_as_an_end()
    {
        var upstream = new UpstreamModel(places: 1);
        var patient = upstream.Acquire(1);
        var impatient = upstream.Acquire(1);
        UpstreamRegistrations.OnTimeout(impatient);

        upstream.Answer(UpstreamModel.Key(1), BrokerCode.InvalidTrKey);

        patient.Refusal.ShouldBe(BrokerCode.InvalidTrKey);
        impatient.Refusal.ShouldBeNull();
        upstream.Ended.ShouldBe(1);
        upstream.Registrations.Entries.ShouldBeEmpty();
    }

    [Fact]
    public void Out_of_reach_everything_there_is_a_place_for_is_granted()
    {
        var upstream = new UpstreamModel(places: 2);
        var waiting = upstream.Acquire(1);
        upstream.Registrations.SetDown(true);
        waiting.State.ShouldBe(LeaseState.Granted);
        upstream.Acquire(2).State.ShouldBe(LeaseState.Granted);
        upstream.Acquire(3).Refusal.ShouldBe(BrokerCode.TooManySubscriptions);
    }

    [Fact]
    public void A_key_stays_registered_for_the_least_time_even_if_its_place_is_needed()
    {
        var upstream = new UpstreamModel(new UpstreamRegistrationOptions { Places = 1, MinimumHold = TimeSpan.FromSeconds(10) });
        var lease = upstream.Acquire(1);
        upstream.Answer(UpstreamModel.Key(1));
        upstream.Release(lease);
        upstream.Now = TimeSpan.FromSeconds(4);

        var newcomer = upstream.Acquire(2);
        upstream.Asked.ShouldBe(["add 1"]);
        newcomer.State.ShouldBe(LeaseState.Waiting);
        upstream.TimerAt.ShouldBe(TimeSpan.FromSeconds(10));

        upstream.Now = TimeSpan.FromSeconds(10);
        upstream.LookAgain();
        upstream.Answer(UpstreamModel.Key(1));
        upstream.Answer(UpstreamModel.Key(2));
        newcomer.State.ShouldBe(LeaseState.Granted);
        upstream.Asked.ShouldBe(["add 1", "remove 1", "add 2"]);
    }

    [Fact]
    public void A_consumer_that_changes_its_keys_too_often_is_refused_and_others_are_not()
    {
        var upstream = new UpstreamModel(new UpstreamRegistrationOptions { Places = 10 });
        var hasty = NewConsumer("hasty", perMinute: 4);
        var other = NewConsumer("other", perMinute: 4);
        for (var number = 0; number < 4; number++)
        {
            var lease = upstream.Acquire(number, hasty);
            upstream.Answer(UpstreamModel.Key(number));
            upstream.Release(lease);
        }

        var refused = upstream.Acquire(5, hasty);
        refused.Refusal.ShouldBe(BrokerCode.SendFailed);
        refused.Limit.ShouldBe(ConsumerLimit.NewRegistrations);
        upstream.Warned.ShouldBe([hasty]);
        upstream.Acquire(3, hasty).State.ShouldBe(LeaseState.Granted, "upstream has it");
        upstream.Acquire(6, other).State.ShouldBe(LeaseState.Waiting);

        upstream.Now = TimeSpan.FromMinutes(1);
        upstream.Acquire(5, hasty).State.ShouldBe(LeaseState.Waiting);
    }

    [Fact]
    public void What_upstream_has_refused_for_good_is_not_asked_for_again_for_a_while()
    {
        var upstream = new UpstreamModel(new UpstreamRegistrationOptions { Places = 2, RefusalMemory = TimeSpan.FromMinutes(5) });
        upstream.Acquire(1);
        upstream.Answer(UpstreamModel.Key(1), BrokerCode.InvalidTrKey);

        upstream.Acquire(1).Refusal.ShouldBe(BrokerCode.InvalidTrKey);
        upstream.Asked.ShouldBe(["add 1"]);

        upstream.Now = TimeSpan.FromMinutes(5);
        upstream.Acquire(1).State.ShouldBe(LeaseState.Waiting);
    }

    [Fact]
    public void While_others_are_there_a_consumer_gets_half_of_the_places()
    {
        var upstream = new UpstreamModel(new UpstreamRegistrationOptions { Places = 9, Pinned = 1 });
        var greedy = NewConsumer("greedy");
        var victim = NewConsumer("victim");
        upstream.Registrations.Join(greedy, upstream.Now);
        upstream.Registrations.Join(victim, upstream.Now);

        var leases = Enumerable.Range(1, 9).Select(number => upstream.Acquire(number, greedy)).ToList();

        leases.Count(lease => lease.State == LeaseState.Waiting).ShouldBe(4);
        leases.Where(lease => lease.Refusal is not null).ShouldAllBe(lease => lease.Limit == ConsumerLimit.Places && lease.Refusal == BrokerCode.TooManySubscriptions);
        upstream.Acquire(20, victim).State.ShouldBe(LeaseState.Waiting);
        upstream.Registrations.Leave(victim, upstream.Now);
        upstream.Acquire(21, greedy).State.ShouldBe(LeaseState.Waiting, "it is alone");
    }

    [Fact]
    public void A_consumer_that_has_all_that_it_may_replaces_its_own_keys_in_grace()
    {
        var upstream = new UpstreamModel(new UpstreamRegistrationOptions { Places = 10 });
        var consumer = NewConsumer("a", maxPlaces: 2);
        var first = upstream.Acquire(1, consumer);
        upstream.Answer(UpstreamModel.Key(1));
        upstream.Release(first);
        var other = upstream.Acquire(2);
        upstream.Answer(UpstreamModel.Key(2));
        upstream.Release(other);
        upstream.Acquire(3, consumer);
        upstream.Answer(UpstreamModel.Key(3));

        upstream.Acquire(4, consumer);

        upstream.Asked.ShouldBe(["add 1", "add 2", "add 3", "remove 1"]);
        upstream.Acquire(5, consumer).Limit.ShouldBe(ConsumerLimit.Places);
    }

    [Fact]
    public void Whatever_happens_upstream_has_what_is_wanted_and_nothing_is_left_behind()
    {
        for (var seed = 0; seed < TestRun.Of(Seeds, "KISFEED_HUB_SEEDS"); seed++)
        {
            try
            {
                Run(seed);
            }
            catch (Exception e)
            {
                throw new InvalidOperationException($"seed {seed}: {e.Message}", e);
            }
        }
    }

#pragma warning disable CA5394 // Chance from a seed is what is wanted here.
    private static void Run(int seed)
    {
        var random = new Random(seed);
        var upstream = new UpstreamModel(new UpstreamRegistrationOptions
        {
            Places = random.Next(1, 6),
            Pinned = random.Next(2),
            ReleaseGrace = TimeSpan.FromSeconds(random.Next(3)),
            MinimumHold = TimeSpan.FromSeconds(random.Next(2) * random.Next(8)),
            RefusalMemory = TimeSpan.FromSeconds(random.Next(30)),
        });
        HubConsumer?[] consumers = [null, .. Enumerable.Range(0, random.Next(1, 4)).Select(i => NewConsumer($"{i}", random.Next(3) == 0 ? random.Next(1, 4) : null, random.Next(2) == 0 ? random.Next(1, 8) : 1_000))];
        var keys = random.Next(1, 10);
        var isDown = false;
        for (var step = 0; step < Steps; step++)
        {
            Pass(upstream, TimeSpan.FromMilliseconds(random.Next(4) == 0 ? random.Next(10_000) : random.Next(500)));
            switch (random.Next(13))
            {
                case < 4:
                    upstream.Acquire(random.Next(keys), Any(consumers));
                    break;
                case < 7 when upstream.Leases.Count > 0:
                    upstream.Release(upstream.Leases[random.Next(upstream.Leases.Count)]);
                    break;
                case < 9 when upstream.Open.Count > 0:
                    upstream.Answer(Any(upstream.Open.Values).Key, random.Next(5) == 0 ? (random.Next(2) == 0 ? BrokerCode.InternalError : BrokerCode.InvalidTrKey) : null, givesUp: random.Next(2) == 0);
                    break;
                case 9 when Any(consumers) is { } consumer:
                    if (consumer.Connections == 0 || random.Next(2) == 0)
                        upstream.Registrations.Join(consumer, upstream.Now);
                    else
                        upstream.Registrations.Leave(consumer, upstream.Now);
                    break;
                case 10 when upstream.Registered.Count > 0:
                    upstream.Lose(Any(upstream.Registered));
                    break;
                case 11:
                    isDown = !isDown;
                    upstream.Registrations.SetDown(isDown);
                    break;
                default:
                    if (upstream.Leases.Count > 0)
                        UpstreamRegistrations.OnTimeout(Any(upstream.Leases));
                    break;
            }

            upstream.Check(isDown);
        }

        LeaveAll(upstream);
        upstream.Registrations.Entries.ShouldBeEmpty();
        upstream.Registered.ShouldBeEmpty();
        upstream.Graces.ShouldBeEmpty();

        T Any<T>(IReadOnlyCollection<T> from) => from.ElementAt(random.Next(from.Count));
    }
#pragma warning restore CA5394

    private static HubConsumer NewConsumer(string name, int? maxPlaces = null, int perMinute = 1_000) => new(name, () => maxPlaces, new RateBudget(perMinute, perMinute * 60));

    // Timers go off in their order.
    private static void Pass(UpstreamModel upstream, TimeSpan time)
    {
        var until = upstream.Now + time;
        while (true)
        {
            var grace = upstream.Graces.Values.Where(g => g.EndsAt <= until).OrderBy(g => g.EndsAt).Cast<(HubKey Key, long Period, TimeSpan EndsAt)?>().FirstOrDefault();
            if (grace is { } ending && (upstream.TimerAt is not { } look || ending.EndsAt <= look))
            {
                upstream.Now = Later(upstream.Now, ending.EndsAt);
                upstream.EndGrace(ending.Key);
            }
            else if (upstream.TimerAt is { } at && at <= until)
            {
                upstream.Now = Later(upstream.Now, at);
                upstream.LookAgain();
            }
            else
            {
                upstream.Now = until;
                return;
            }
        }
    }

    private static TimeSpan Later(TimeSpan a, TimeSpan b) => a > b ? a : b;

    private static void LeaveAll(UpstreamModel upstream)
    {
        while (upstream.Leases.Count + upstream.Open.Count + upstream.Graces.Count > 0)
        {
            if (upstream.Leases.Count > 0)
                upstream.Release(upstream.Leases[0]);
            else if (upstream.Open.Count > 0)
                upstream.Answer(upstream.Open.Values.First().Key);
            else
                Pass(upstream, TimeSpan.FromMinutes(1));
        }
    }
}
