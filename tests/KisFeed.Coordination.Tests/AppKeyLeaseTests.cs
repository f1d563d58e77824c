using KisFeed.Coordination.Leases;
using KisFeed.Coordination.Storing;

namespace KisFeed.Coordination.Tests;

/// <summary>A holder whose session cannot connect leaves the lease to others for a while.</summary>
public sealed class AppKeyLeaseTests
{
    private static readonly TimeSpan s_ttl = TimeSpan.FromSeconds(3);
    private static readonly CoordinationOptions s_options = new() { LeaseTtl = s_ttl, TakeoverDelay = s_ttl };
    private static readonly TimeSpan s_patience = s_ttl * 4;
    private static readonly TimeSpan s_pause = s_ttl * 3;

    [Fact]
    public void A_holder_that_cannot_connect_stands_down_and_asks_again_after_a_pause()
    {
        var driver = new Driver(s_options);
        driver.Hold();
        driver.Advance(s_patience);
        driver.StoodDown.ShouldBe([StandDownReason.Unconnected]);
        driver.Lease.MaySend(driver.Now).ShouldBeFalse();
        driver.Released.ShouldBeFalse("the session may not have closed yet");
        var requests = driver.Requests;

        driver.Lease.Wake(driver.Now);
        driver.Advance(s_pause - TimeSpan.FromMilliseconds(200));
        driver.Requests.ShouldBe(requests, "a notification does not end the pause");
        driver.Advance(TimeSpan.FromMilliseconds(200));
        driver.Requests.ShouldBe(requests + 1);
        driver.Lease.Epoch.ShouldBe(2);
    }

    [Fact]
    public void Pauses_grow_until_the_session_has_connected()
    {
        var driver = new Driver(s_options);
        driver.Hold();
        PausesOf(3).ShouldBe([1, 2, 4]);
        driver.Lease.Connected(driver.Now);
        driver.Lease.RequestAttempt(driver.Now);
        PausesOf(1).ShouldBe([1]);

        List<double> PausesOf(int count)
        {
            List<double> pauses = [];
            for (var i = 0; i < count; i++)
            {
                driver.AdvanceUntil(() => driver.Lease.Epoch == 0);
                var begin = driver.Now;
                driver.AdvanceUntil(() => driver.Lease.Epoch > 0);
                pauses.Add((driver.Now - begin) / s_pause);
                driver.Lease.RequestAttempt(driver.Now);
            }

            return pauses;
        }
    }

    [Fact]
    public void A_session_that_is_connected_or_waits_for_nothing_keeps_its_lease()
    {
        var driver = new Driver(s_options);
        driver.Hold();
        driver.Advance(s_patience / 2);
        driver.Lease.Connected(driver.Now);
        driver.Advance(s_patience * 3);
        driver.StoodDown.ShouldBeEmpty();
    }

    /// <summary>Another process would have to wait as long: the attempts of an app key are counted in its row.</summary>
    [Fact]
    public void A_holder_that_waits_for_the_budget_of_attempts_keeps_its_lease()
    {
        var driver = new Driver(s_options);
        driver.Hold();
        var wait = s_patience * 4;
        driver.AttemptsFrom = driver.Now + wait;
        driver.Lease.RequestAttempt(driver.Now);
        driver.Advance(wait);
        driver.StoodDown.ShouldBeEmpty();
        driver.Lease.IsAttemptWanted.ShouldBeFalse("it was granted");
        driver.Advance(s_patience);
        driver.StoodDown.ShouldBe([StandDownReason.Unconnected]);
    }

    [Fact]
    public void A_holder_that_keeps_its_session_does_not_give_it_up_while_the_store_is_away()
    {
        var driver = new Driver(s_options with { OnStoreOutage = StoreOutagePolicy.KeepSession });
        driver.Hold();
        driver.IsStoreAway = true;
        driver.Advance(s_patience * 3);
        driver.StoodDown.ShouldBeEmpty();
        driver.IsStoreAway = false;
        driver.Advance(s_ttl);
        driver.StoodDown.ShouldBe([StandDownReason.Unconnected]);
    }

    [Fact]
    public void A_lease_that_is_of_no_use_is_left_to_others_for_good()
    {
        var driver = new Driver(s_options);
        driver.Hold();
        driver.Lease.SetUsable(false, driver.Now);
        var requests = driver.Requests;
        driver.Lease.Wake(driver.Now);
        driver.Advance(TimeSpan.FromMinutes(10));
        driver.StoodDown.ShouldBe([StandDownReason.Unusable]);
        driver.Requests.ShouldBe(requests);
        driver.Lease.MaySend(driver.Now).ShouldBeFalse();
    }

    // A store that answers at once, and gives the lease to every caller.
    private sealed class Driver : ILeaseActions
    {
        private static readonly TimeSpan s_step = TimeSpan.FromMilliseconds(100);

        private readonly Queue<LeaseCall> _calls = [];
        private TimeSpan _dueAt = TimeSpan.MaxValue;
        private long _epoch;

        public Driver(CoordinationOptions options) => Lease = new AppKeyLease(options, this);

        public AppKeyLease Lease { get; }

        public TimeSpan Now { get; private set; } = TimeSpan.FromSeconds(100);

        public List<StandDownReason> StoodDown { get; } = [];

        public bool IsStoreAway { get; set; }

        /// <summary>When the budget allows the next attempt.</summary>
        public TimeSpan AttemptsFrom { get; set; }

        public bool Released { get; private set; }

        public int Requests { get; private set; }

        // With a session that has begun to connect.
        public void Hold()
        {
            Lease.Start(Now);
            Answer();
            Lease.RequestAttempt(Now);
            Answer();
            Lease.IsAttemptWanted.ShouldBeFalse();
        }

        public void Advance(TimeSpan time)
        {
            for (var end = Now + time; Now < end;)
                Step();
        }

        public void AdvanceUntil(Func<bool> condition)
        {
            for (var i = 0; !condition(); i++)
            {
                i.ShouldBeLessThan(10_000);
                Step();
            }
        }

        void ILeaseActions.Send(LeaseCall call)
        {
            Released |= call.Kind == LeaseCallKind.Release;
            Requests += call.Kind is LeaseCallKind.Acquire or LeaseCallKind.Renew ? 1 : 0;
            _calls.Enqueue(call);
        }

        void ILeaseActions.SetTimer(TimeSpan dueAt) => _dueAt = dueAt;

        void ILeaseActions.Acquired(long epoch)
        {
        }

        void ILeaseActions.StandDown(StandDownReason reason) => StoodDown.Add(reason);

        void ILeaseActions.GrantAttempt()
        {
        }

        private void Step()
        {
            Now += s_step;
            if (Now >= _dueAt)
                Lease.TimerDue(Now);
            Answer();
        }

        private void Answer()
        {
            while (_calls.TryDequeue(out var call))
            {
                if (IsStoreAway)
                    Lease.Failed(call.Number, Now);
                else if (call.Kind == LeaseCallKind.RecordAttempt)
                    Lease.AttemptAnswered(call.Number, new AttemptAnswer(true, Now >= AttemptsFrom, AttemptsFrom - Now), Now);
                else
                    Lease.Answered(call.Number, new LeaseAnswer(true, call.Epoch > 0 ? call.Epoch : ++_epoch, s_ttl), Now);
            }
        }
    }
}
