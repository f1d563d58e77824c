using KisFeed.Gateway.Hub;
using KisFeed.Session;
using KisFeed.Wire;

namespace KisFeed.Gateway.Tests.Hub;

/// <summary>Registrations upstream follow the requests of consumers in any order of events.</summary>
public sealed class UpstreamRegistrationsTests
{
    private const int Seeds = 5_000;
    private const int Steps = 120;

    [Fact]
    public void A_key_is_registered_once_for_any_number_of_consumers()
    {
        var upstream = new UpstreamModel(slots: 2);
        var first = upstream.Acquire(1);
        var second = upstream.Acquire(1);
        first.State.ShouldBe(ClaimState.Waiting);
        upstream.Answer(1);
        var third = upstream.Acquire(1);

        new[] { first, second, third }.ShouldAllBe(claim => claim.State == ClaimState.Granted);
        upstream.Requests.ShouldBe(["add 1"]);
    }

    [Fact]
    public void A_consumer_that_returns_within_the_grace_period_finds_the_key_registered()
    {
        var upstream = new UpstreamModel(slots: 2);
        upstream.RegisterAndRelease(1);
        var period = upstream.GracePeriods["1"].Period;

        upstream.Acquire(1).State.ShouldBe(ClaimState.Granted);

        upstream.Registrations.OnGraceEnded(UpstreamModel.Key(1), period, upstream.Now);
        upstream.Requests.ShouldBe(["add 1"]);
    }

    [Fact]
    public void A_key_is_released_once_after_its_grace_period()
    {
        var upstream = new UpstreamModel(slots: 2);
        upstream.Release(upstream.RegisterAndRelease(1));
        upstream.EndGrace(UpstreamModel.Key(1));
        upstream.Answer(1);

        upstream.Requests.ShouldBe(["add 1", "remove 1"]);
        upstream.Registrations.Entries.ShouldBeEmpty();
    }

    [Fact]
    public void A_key_whose_session_is_lost_is_given_up_without_its_minimum_time()
    {
        var upstream = new UpstreamModel(new UpstreamRegistrationOptions
        {
            Slots = 2,
            ReleaseGrace = TimeSpan.FromSeconds(30),
            MinimumHold = TimeSpan.FromSeconds(10),
        });
        var held = upstream.Register(1);
        var added = upstream.Acquire(2);

        upstream.Lose(held);
        upstream.Lose(added);

        upstream.Requests.ShouldBe(["add 1", "add 2", "remove 1"]);
        upstream.Registrations.Entries.Single(entry => entry.Key == UpstreamModel.Key(2)).IsCancelled.ShouldBeTrue();
        upstream.GracePeriods.ShouldBeEmpty();
    }

    [Fact]
    public void A_request_without_a_slot_is_refused_without_affecting_others()
    {
        var upstream = new UpstreamModel(slots: 1);
        var holder = upstream.Register(1);

        var newConsumer = upstream.Acquire(2);

        newConsumer.Refusal.ShouldBe(BrokerCode.TooManySubscriptions);
        holder.State.ShouldBe(ClaimState.Granted);
        upstream.Requests.ShouldBe(["add 1"]);
    }

    [Fact]
    public void A_key_in_its_grace_period_is_replaced_by_a_new_key_after_its_release()
    {
        var upstream = new UpstreamModel(slots: 2);
        foreach (var number in (int[])[1, 2])
            upstream.RegisterAndRelease(number);

        var newConsumer = upstream.Acquire(3);
        upstream.Requests.ShouldBe(["add 1", "add 2", "remove 1"], "the oldest grace period ends first");
        upstream.Answer(1);
        upstream.Answer(3);

        newConsumer.State.ShouldBe(ClaimState.Granted);
        upstream.Requests[^1].ShouldBe("add 3");
    }

    [Fact]
    public void A_key_of_a_closed_page_stays_for_the_grace_of_pages_whoever_releases_it_last()
    {
        var upstream = new UpstreamModel(new UpstreamRegistrationOptions
        {
            Slots = 2,
            ReleaseGrace = TimeSpan.FromSeconds(30),
            PageGrace = TimeSpan.FromMinutes(10),
        });
        var page = upstream.Register(1);
        var program = upstream.Acquire(1);

        upstream.Close(page);
        upstream.Now = TimeSpan.FromMinutes(1);
        upstream.Release(program);

        upstream.GracePeriods["1"].EndsAt.ShouldBe(TimeSpan.FromMinutes(10));
    }

    [Fact]
    public void Keys_of_closed_pages_refuse_no_key()
    {
        const int Slots = 3;
        var upstream = new UpstreamModel(new UpstreamRegistrationOptions { Slots = Slots, PageGrace = TimeSpan.FromMinutes(10) });
        for (var number = 1; number <= Slots; number++)
            upstream.Close(upstream.Register(number));

        for (var number = 1; number <= Slots; number++)
        {
            var wanted = upstream.Acquire(Slots + number);
            upstream.Answer(number);
            upstream.Answer(Slots + number);
            wanted.State.ShouldBe(ClaimState.Granted);
        }

        upstream.GracePeriods.ShouldBeEmpty();
    }

    [Fact]
    public void A_key_requested_during_its_release_is_registered_again()
    {
        var upstream = new UpstreamModel(slots: 1);
        upstream.RegisterAndRelease(1);
        upstream.EndGrace(UpstreamModel.Key(1));

        var again = upstream.Acquire(1);
        again.State.ShouldBe(ClaimState.Waiting);
        upstream.Answer(1);
        upstream.Answer(1);

        again.State.ShouldBe(ClaimState.Granted);
        upstream.Requests.ShouldBe(["add 1", "remove 1", "add 1"]);
    }

    [Fact]
    public void A_refusal_answers_waiting_claims_and_ends_granted_ones()
    {
        var upstream = new UpstreamModel(slots: 1);
        var patient = upstream.Acquire(1);
        var cancelledClaim = upstream.Acquire(1);
        UpstreamRegistrations.GrantIfWaiting(cancelledClaim);

        upstream.Answer(1, BrokerCode.InvalidTrKey);

        patient.Refusal.ShouldBe(BrokerCode.InvalidTrKey);
        cancelledClaim.Refusal.ShouldBeNull();
        upstream.Ended.ShouldBe(1);
        upstream.Registrations.Entries.ShouldBeEmpty();
    }

    [Fact]
    public void Requests_are_granted_while_upstream_is_unreachable_if_there_is_a_slot()
    {
        var upstream = new UpstreamModel(slots: 2);
        var waiting = upstream.Acquire(1);
        upstream.Registrations.SetDown(true);
        waiting.State.ShouldBe(ClaimState.Granted);
        upstream.Acquire(2).State.ShouldBe(ClaimState.Granted);
        upstream.Acquire(3).Refusal.ShouldBe(BrokerCode.TooManySubscriptions);
    }

    [Fact]
    public void A_key_stays_registered_for_the_minimum_hold_even_if_its_slot_is_needed()
    {
        var upstream = new UpstreamModel(new UpstreamRegistrationOptions { Slots = 1, MinimumHold = TimeSpan.FromSeconds(10) });
        upstream.RegisterAndRelease(1);
        upstream.Now = TimeSpan.FromSeconds(4);

        var newConsumer = upstream.Acquire(2);
        upstream.Requests.ShouldBe(["add 1"]);
        newConsumer.State.ShouldBe(ClaimState.Waiting);
        upstream.TimerAt.ShouldBe(TimeSpan.FromSeconds(10));

        upstream.Now = TimeSpan.FromSeconds(10);
        upstream.RunTimer();
        upstream.Answer(1);
        upstream.Answer(2);
        newConsumer.State.ShouldBe(ClaimState.Granted);
        upstream.Requests.ShouldBe(["add 1", "remove 1", "add 2"]);
    }

    [Fact]
    public void Only_a_consumer_with_too_many_new_keys_is_refused()
    {
        var upstream = new UpstreamModel(new UpstreamRegistrationOptions { Slots = 10 });
        var frequentConsumer = NewConsumer("hasty", perMinute: 4);
        var other = NewConsumer("other", perMinute: 4);
        for (var number = 0; number < 4; number++)
            upstream.RegisterAndRelease(number, frequentConsumer);

        var refused = upstream.Acquire(5, frequentConsumer);
        refused.Refusal.ShouldBe(BrokerCode.SendFailed);
        refused.Limit.ShouldBe(ConsumerLimit.NewRegistrations);
        upstream.Warned.ShouldBe([frequentConsumer]);
        upstream.Acquire(3, frequentConsumer).State.ShouldBe(ClaimState.Granted, "it is registered upstream");
        upstream.Acquire(6, other).State.ShouldBe(ClaimState.Waiting);

        upstream.Now = TimeSpan.FromMinutes(1);
        upstream.Acquire(5, frequentConsumer).State.ShouldBe(ClaimState.Waiting);
    }

    [Fact]
    public void A_permanently_refused_key_is_not_requested_again_for_a_while()
    {
        var upstream = new UpstreamModel(new UpstreamRegistrationOptions { Slots = 2, RefusalMemory = TimeSpan.FromMinutes(5) });
        upstream.Acquire(1);
        upstream.Answer(1, BrokerCode.InvalidTrKey);

        upstream.Acquire(1).Refusal.ShouldBe(BrokerCode.InvalidTrKey);
        upstream.Requests.ShouldBe(["add 1"]);

        upstream.Now = TimeSpan.FromMinutes(5);
        upstream.Acquire(1).State.ShouldBe(ClaimState.Waiting);
    }

    [Fact]
    public void A_consumer_gets_half_of_the_slots_while_others_are_connected()
    {
        var upstream = new UpstreamModel(new UpstreamRegistrationOptions { Slots = 9, KeptKeys = 1 });
        var largeConsumer = NewConsumer("greedy");
        var victim = NewConsumer("victim");
        upstream.Registrations.Join(largeConsumer, upstream.Now);
        upstream.Registrations.Join(victim, upstream.Now);

        var claims = Enumerable.Range(1, 9).Select(number => upstream.Acquire(number, largeConsumer)).ToList();

        claims.Count(claim => claim.State == ClaimState.Waiting).ShouldBe(4);
        claims.Where(claim => claim.Refusal is not null)
            .ShouldAllBe(claim => claim.Limit == ConsumerLimit.Slots && claim.Refusal == BrokerCode.TooManySubscriptions);
        upstream.Acquire(20, victim).State.ShouldBe(ClaimState.Waiting);
        upstream.Registrations.Leave(victim, upstream.Now);
        upstream.Acquire(21, largeConsumer).State.ShouldBe(ClaimState.Waiting, "no other consumer is connected");
    }

    [Fact]
    public void A_consumer_at_its_limit_replaces_its_own_keys_in_their_grace_period()
    {
        var upstream = new UpstreamModel(new UpstreamRegistrationOptions { Slots = 10 });
        var consumer = NewConsumer("a", maxSlots: 2);
        upstream.RegisterAndRelease(1, consumer);
        upstream.RegisterAndRelease(2);
        upstream.Register(3, consumer);

        upstream.Acquire(4, consumer);

        upstream.Requests.ShouldBe(["add 1", "add 2", "add 3", "remove 1"]);
        upstream.Acquire(5, consumer).Limit.ShouldBe(ConsumerLimit.Slots);
    }

    [Fact]
    public void After_any_sequence_of_events_upstream_has_exactly_the_requested_keys()
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

#pragma warning disable CA5394 // Seeded, so that failures can be reproduced.
    private static void Run(int seed)
    {
        var random = new Random(seed);
        var upstream = new UpstreamModel(new UpstreamRegistrationOptions
        {
            Slots = random.Next(1, 6),
            KeptKeys = random.Next(2),
            ReleaseGrace = TimeSpan.FromSeconds(random.Next(3)),
            MinimumHold = TimeSpan.FromSeconds(random.Next(2) * random.Next(8)),
            RefusalMemory = TimeSpan.FromSeconds(random.Next(30)),
        });
        HubConsumer?[] consumers = [null, .. Enumerable.Range(0, random.Next(1, 4)).Select(
            i => NewConsumer($"{i}", random.Next(3) == 0 ? random.Next(1, 4) : null, random.Next(2) == 0 ? random.Next(1, 8) : 1_000))];
        var keys = random.Next(1, 10);
        var isDown = false;
        for (var step = 0; step < Steps; step++)
        {
            Advance(upstream, TimeSpan.FromMilliseconds(random.Next(4) == 0 ? random.Next(10_000) : random.Next(500)));
            switch (random.Next(14))
            {
                case < 4:
                    upstream.Acquire(random.Next(keys), Any(consumers));
                    break;
                case < 7 when upstream.Claims.Count > 0:
                    upstream.Release(upstream.Claims[random.Next(upstream.Claims.Count)]);
                    break;
                case 13 when upstream.Claims.Count > 0:
                    upstream.Lose(upstream.Claims[random.Next(upstream.Claims.Count)]);
                    break;
                case < 9 when upstream.Open.Count > 0:
                    upstream.Answer(
                        Any(upstream.Open.Values).Key,
                        random.Next(5) == 0 ? (random.Next(2) == 0 ? BrokerCode.InternalError : BrokerCode.InvalidTrKey) : null,
                        timesOut: random.Next(2) == 0);
                    break;
                case 9 when Any(consumers) is { } consumer:
                    if (consumer.Connections == 0 || random.Next(2) == 0)
                        upstream.Registrations.Join(consumer, upstream.Now);
                    else
                        upstream.Registrations.Leave(consumer, upstream.Now);
                    break;
                case 10 when upstream.Registered.Count > 0:
                    upstream.EndRegistration(Any(upstream.Registered));
                    break;
                case 11:
                    isDown = !isDown;
                    upstream.Registrations.SetDown(isDown);
                    break;
                default:
                    if (upstream.Claims.Count > 0)
                        UpstreamRegistrations.GrantIfWaiting(Any(upstream.Claims));
                    break;
            }

            upstream.Check(isDown);
        }

        ReleaseAll(upstream);
        upstream.Registrations.Entries.ShouldBeEmpty();
        upstream.Registered.ShouldBeEmpty();
        upstream.GracePeriods.ShouldBeEmpty();

        T Any<T>(IReadOnlyCollection<T> from) => from.ElementAt(random.Next(from.Count));
    }
#pragma warning restore CA5394

    private static HubConsumer NewConsumer(string name, int? maxSlots = null, int perMinute = 1_000) =>
        new(name, () => maxSlots, new RateBudget(perMinute, perMinute * 60));

    // Timers run in order.
    private static void Advance(UpstreamModel upstream, TimeSpan time)
    {
        var until = upstream.Now + time;
        while (true)
        {
            var grace = upstream.GracePeriods.Values.Where(g => g.EndsAt <= until).OrderBy(g => g.EndsAt)
                .Cast<(HubKey Key, long Period, TimeSpan EndsAt)?>().FirstOrDefault();
            if (grace is { } ending && (upstream.TimerAt is not { } look || ending.EndsAt <= look))
            {
                upstream.Now = Max(upstream.Now, ending.EndsAt);
                upstream.EndGrace(ending.Key);
            }
            else if (upstream.TimerAt is { } at && at <= until)
            {
                upstream.Now = Max(upstream.Now, at);
                upstream.RunTimer();
            }
            else
            {
                upstream.Now = until;
                return;
            }
        }
    }

    private static TimeSpan Max(TimeSpan a, TimeSpan b) => a > b ? a : b;

    private static void ReleaseAll(UpstreamModel upstream)
    {
        while (upstream.Claims.Count + upstream.Open.Count + upstream.GracePeriods.Count > 0)
        {
            if (upstream.Claims.Count > 0)
                upstream.Release(upstream.Claims[0]);
            else if (upstream.Open.Count > 0)
                upstream.Answer(upstream.Open.Values.First().Key);
            else
                Advance(upstream, TimeSpan.FromMinutes(1));
        }
    }
}
