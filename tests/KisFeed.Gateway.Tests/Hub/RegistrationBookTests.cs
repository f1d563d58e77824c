using KisFeed.Wire;

namespace KisFeed.Gateway.Tests.Hub;

/// <summary>What is registered upstream follows what is wanted, whatever the order in which things happen.</summary>
public sealed class RegistrationBookTests
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

        world.Book.GraceOver(BookWorld.Key(1), period);
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
        RegistrationBook.TimedOut(impatient);

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
    public void Whatever_happens_upstream_has_what_is_wanted_and_nothing_is_left_behind()
    {
        for (var seed = 0; seed < TestRun.Of(Seeds); seed++)
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
        var world = new BookWorld(random.Next(1, 5));
        var keys = random.Next(1, 8);
        var isDown = false;
        for (var step = 0; step < Steps; step++)
        {
            switch (random.Next(12))
            {
                case < 4:
                    world.Acquire(random.Next(keys));
                    break;
                case < 7 when world.Leases.Count > 0:
                    world.Release(world.Leases[random.Next(world.Leases.Count)]);
                    break;
                case < 9 when world.Open.Count > 0:
                    world.Answer(Any(world.Open.Values).Key, random.Next(5) == 0 ? BrokerCode.InternalError : null, givesUp: random.Next(2) == 0);
                    break;
                case 9 when world.Graces.Count > 0:
                    world.EndGrace(Any(world.Graces.Values).Key);
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
                        RegistrationBook.TimedOut(Any(world.Leases));
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

    private static void LeaveAll(BookWorld world)
    {
        while (world.Leases.Count + world.Open.Count + world.Graces.Count > 0)
        {
            if (world.Leases.Count > 0)
                world.Release(world.Leases[0]);
            else if (world.Open.Count > 0)
                world.Answer(world.Open.Values.First().Key);
            else
                world.EndGrace(world.Graces.Values.First().Key);
        }
    }
}
