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
        var world = new BookWorld(places: 2);
        var first = world.Acquire(1);
        var second = world.Acquire(1);
        first.State.ShouldBe(LeaseState.Waiting);
        world.Answer(BookWorld.Key(1));
        var third = world.Acquire(1);

        new[] { first, second, third }.ShouldAllBe(lease => lease.State == LeaseState.Granted);
        world.Asked.ShouldBe(["add 1"]);
    }

    [Fact]
    public void Who_comes_back_within_the_grace_finds_the_key_as_it_was()
    {
        var world = new BookWorld(places: 2);
        var lease = world.Acquire(1);
        world.Answer(BookWorld.Key(1));
        world.Release(lease);
        var period = world.Graces["1"].Period;

        world.Acquire(1).State.ShouldBe(LeaseState.Granted);

        world.Book.GraceOver(BookWorld.Key(1), period, world.Now);
        world.Asked.ShouldBe(["add 1"]);
    }

    [Fact]
    public void A_key_goes_when_its_grace_is_over_and_once()
    {
        var world = new BookWorld(places: 2);
        var lease = world.Acquire(1);
        world.Answer(BookWorld.Key(1));
        world.Release(lease);
        world.Release(lease);
        world.EndGrace(BookWorld.Key(1));
        world.Answer(BookWorld.Key(1));

        world.Asked.ShouldBe(["add 1", "remove 1"]);
        world.Book.Entries.ShouldBeEmpty();
    }

    [Fact]
    public void Who_finds_no_place_is_refused_and_nobody_else_notices()
    {
        var world = new BookWorld(places: 1);
        var holder = world.Acquire(1);
        world.Answer(BookWorld.Key(1));

        var newcomer = world.Acquire(2);

        newcomer.Refusal.ShouldBe(BrokerCode.TooManySubscriptions);
        holder.State.ShouldBe(LeaseState.Granted);
        world.Asked.ShouldBe(["add 1"]);
    }

    [Fact]
    public void A_key_in_grace_gives_its_place_to_a_newcomer_who_is_asked_for_when_it_has_gone()
    {
        var world = new BookWorld(places: 2);
        foreach (var number in (int[])[1, 2])
        {
            var lease = world.Acquire(number);
            world.Answer(BookWorld.Key(number));
            world.Release(lease);
        }

        var newcomer = world.Acquire(3);
        world.Asked.ShouldBe(["add 1", "add 2", "remove 1"], "the one that has been in grace for longest goes");
        world.Answer(BookWorld.Key(1));
        world.Answer(BookWorld.Key(3));

        newcomer.State.ShouldBe(LeaseState.Granted);
        world.Asked[^1].ShouldBe("add 3");
    }

    [Fact]
    public void Who_wants_a_key_that_is_being_released_gets_it_anew()
    {
        var world = new BookWorld(places: 1);
        var lease = world.Acquire(1);
        world.Answer(BookWorld.Key(1));
        world.Release(lease);
        world.EndGrace(BookWorld.Key(1));

        var again = world.Acquire(1);
        again.State.ShouldBe(LeaseState.Waiting);
        world.Answer(BookWorld.Key(1));
        world.Answer(BookWorld.Key(1));

        again.State.ShouldBe(LeaseState.Granted);
        world.Asked.ShouldBe(["add 1", "remove 1", "add 1"]);
    }

    [Fact]
    public void A_refusal_reaches_who_waits_as_an_answer_and_who_was_granted_as_an_end()
    {
        var world = new BookWorld(places: 1);
        var patient = world.Acquire(1);
        var impatient = world.Acquire(1);
        UpstreamRegistrations.TimedOut(impatient);

        world.Answer(BookWorld.Key(1), BrokerCode.InvalidTrKey);

        patient.Refusal.ShouldBe(BrokerCode.InvalidTrKey);
        impatient.Refusal.ShouldBeNull();
        world.Ended.ShouldBe(1);
        world.Book.Entries.ShouldBeEmpty();
    }

    [Fact]
    public void Out_of_reach_everything_there_is_a_place_for_is_granted()
    {
        var world = new BookWorld(places: 2);
        var waiting = world.Acquire(1);
        world.Book.SetDown(true);
        waiting.State.ShouldBe(LeaseState.Granted);
        world.Acquire(2).State.ShouldBe(LeaseState.Granted);
        world.Acquire(3).Refusal.ShouldBe(BrokerCode.TooManySubscriptions);
    }

    [Fact]
    public void A_key_stays_registered_for_the_least_time_even_if_its_place_is_needed()
    {
        var world = new BookWorld(new BookRules { Places = 1, MinimumHold = TimeSpan.FromSeconds(10) });
        var lease = world.Acquire(1);
        world.Answer(BookWorld.Key(1));
        world.Release(lease);
        world.Now = TimeSpan.FromSeconds(4);

        var newcomer = world.Acquire(2);
        world.Asked.ShouldBe(["add 1"]);
        newcomer.State.ShouldBe(LeaseState.Waiting);
        world.LookAgainAt.ShouldBe(TimeSpan.FromSeconds(10));

        world.Now = TimeSpan.FromSeconds(10);
        world.LookAgain();
        world.Answer(BookWorld.Key(1));
        world.Answer(BookWorld.Key(2));
        newcomer.State.ShouldBe(LeaseState.Granted);
        world.Asked.ShouldBe(["add 1", "remove 1", "add 2"]);
    }

    [Fact]
    public void A_consumer_that_changes_its_keys_too_often_is_refused_and_others_are_not()
    {
        var world = new BookWorld(new BookRules { Places = 10 });
        var hasty = NewConsumer("hasty", perMinute: 4);
        var other = NewConsumer("other", perMinute: 4);
        for (var number = 0; number < 4; number++)
        {
            var lease = world.Acquire(number, hasty);
            world.Answer(BookWorld.Key(number));
            world.Release(lease);
        }

        var refused = world.Acquire(5, hasty);
        refused.Refusal.ShouldBe(BrokerCode.SendFailed);
        refused.Limit.ShouldBe(ConsumerLimit.NewRegistrations);
        world.Warned.ShouldBe([hasty]);
        world.Acquire(3, hasty).State.ShouldBe(LeaseState.Granted, "upstream has it");
        world.Acquire(6, other).State.ShouldBe(LeaseState.Waiting);

        world.Now = TimeSpan.FromMinutes(1);
        world.Acquire(5, hasty).State.ShouldBe(LeaseState.Waiting);
    }

    [Fact]
    public void What_upstream_has_refused_for_good_is_not_asked_for_again_for_a_while()
    {
        var world = new BookWorld(new BookRules { Places = 2, RefusalMemory = TimeSpan.FromMinutes(5) });
        world.Acquire(1);
        world.Answer(BookWorld.Key(1), BrokerCode.InvalidTrKey);

        world.Acquire(1).Refusal.ShouldBe(BrokerCode.InvalidTrKey);
        world.Asked.ShouldBe(["add 1"]);

        world.Now = TimeSpan.FromMinutes(5);
        world.Acquire(1).State.ShouldBe(LeaseState.Waiting);
    }

    [Fact]
    public void While_others_are_there_a_consumer_gets_half_of_the_places()
    {
        var world = new BookWorld(new BookRules { Places = 9, Kept = 1 });
        var greedy = NewConsumer("greedy");
        var victim = NewConsumer("victim");
        world.Book.Join(greedy, world.Now);
        world.Book.Join(victim, world.Now);

        var leases = Enumerable.Range(1, 9).Select(number => world.Acquire(number, greedy)).ToList();

        leases.Count(lease => lease.State == LeaseState.Waiting).ShouldBe(4);
        leases.Where(lease => lease.Refusal is not null).ShouldAllBe(lease => lease.Limit == ConsumerLimit.Places && lease.Refusal == BrokerCode.TooManySubscriptions);
        world.Acquire(20, victim).State.ShouldBe(LeaseState.Waiting);
        world.Book.Leave(victim, world.Now);
        world.Acquire(21, greedy).State.ShouldBe(LeaseState.Waiting, "it is alone");
    }

    [Fact]
    public void A_consumer_that_has_all_that_it_may_replaces_its_own_keys_in_grace()
    {
        var world = new BookWorld(new BookRules { Places = 10 });
        var consumer = NewConsumer("a", maxPlaces: 2);
        var first = world.Acquire(1, consumer);
        world.Answer(BookWorld.Key(1));
        world.Release(first);
        var other = world.Acquire(2);
        world.Answer(BookWorld.Key(2));
        world.Release(other);
        world.Acquire(3, consumer);
        world.Answer(BookWorld.Key(3));

        world.Acquire(4, consumer);

        world.Asked.ShouldBe(["add 1", "add 2", "add 3", "remove 1"]);
        world.Acquire(5, consumer).Limit.ShouldBe(ConsumerLimit.Places);
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
        var world = new BookWorld(new BookRules
        {
            Places = random.Next(1, 6),
            Kept = random.Next(2),
            ReleaseGrace = TimeSpan.FromSeconds(random.Next(3)),
            MinimumHold = TimeSpan.FromSeconds(random.Next(2) * random.Next(8)),
            RefusalMemory = TimeSpan.FromSeconds(random.Next(30)),
        });
        HubConsumer?[] consumers = [null, .. Enumerable.Range(0, random.Next(1, 4)).Select(i => NewConsumer($"{i}", random.Next(3) == 0 ? random.Next(1, 4) : null, random.Next(2) == 0 ? random.Next(1, 8) : 1_000))];
        var keys = random.Next(1, 10);
        var isDown = false;
        for (var step = 0; step < Steps; step++)
        {
            Pass(world, TimeSpan.FromMilliseconds(random.Next(4) == 0 ? random.Next(10_000) : random.Next(500)));
            switch (random.Next(13))
            {
                case < 4:
                    world.Acquire(random.Next(keys), Any(consumers));
                    break;
                case < 7 when world.Leases.Count > 0:
                    world.Release(world.Leases[random.Next(world.Leases.Count)]);
                    break;
                case < 9 when world.Open.Count > 0:
                    world.Answer(Any(world.Open.Values).Key, random.Next(5) == 0 ? (random.Next(2) == 0 ? BrokerCode.InternalError : BrokerCode.InvalidTrKey) : null, givesUp: random.Next(2) == 0);
                    break;
                case 9 when Any(consumers) is { } consumer:
                    if (consumer.Connections == 0 || random.Next(2) == 0)
                        world.Book.Join(consumer, world.Now);
                    else
                        world.Book.Leave(consumer, world.Now);
                    break;
                case 10 when world.Registered.Count > 0:
                    world.Lose(Any(world.Registered));
                    break;
                case 11:
                    isDown = !isDown;
                    world.Book.SetDown(isDown);
                    break;
                default:
                    if (world.Leases.Count > 0)
                        UpstreamRegistrations.TimedOut(Any(world.Leases));
                    break;
            }

            world.Check(isDown);
        }

        LeaveAll(world);
        world.Book.Entries.ShouldBeEmpty();
        world.Registered.ShouldBeEmpty();
        world.Graces.ShouldBeEmpty();

        T Any<T>(IReadOnlyCollection<T> from) => from.ElementAt(random.Next(from.Count));
    }
#pragma warning restore CA5394

    private static HubConsumer NewConsumer(string name, int? maxPlaces = null, int perMinute = 1_000) => new(name, () => maxPlaces, new RateBudget(perMinute, perMinute * 60));

    // Timers go off in their order.
    private static void Pass(BookWorld world, TimeSpan time)
    {
        var until = world.Now + time;
        while (true)
        {
            var grace = world.Graces.Values.Where(g => g.EndsAt <= until).OrderBy(g => g.EndsAt).Cast<(HubKey Key, long Period, TimeSpan EndsAt)?>().FirstOrDefault();
            if (grace is { } ending && (world.LookAgainAt is not { } look || ending.EndsAt <= look))
            {
                world.Now = Later(world.Now, ending.EndsAt);
                world.EndGrace(ending.Key);
            }
            else if (world.LookAgainAt is { } at && at <= until)
            {
                world.Now = Later(world.Now, at);
                world.LookAgain();
            }
            else
            {
                world.Now = until;
                return;
            }
        }
    }

    private static TimeSpan Later(TimeSpan a, TimeSpan b) => a > b ? a : b;

    private static void LeaveAll(BookWorld world)
    {
        while (world.Leases.Count + world.Open.Count + world.Graces.Count > 0)
        {
            if (world.Leases.Count > 0)
                world.Release(world.Leases[0]);
            else if (world.Open.Count > 0)
                world.Answer(world.Open.Values.First().Key);
            else
                Pass(world, TimeSpan.FromMinutes(1));
        }
    }
}
