using System.Collections.Immutable;
using KisFeed.Coordination.Placing;
using KisFeed.Coordination.Storing;
using KisFeed.Coordination.Tests.Staging;
using KisFeed.TestSupport;
using Microsoft.Extensions.Logging.Abstractions;

namespace KisFeed.Coordination.Tests;

/// <summary>The keepers of a lease and of its keys over the reference store, in a time that only the test moves.</summary>
public sealed class PlacementKeeperTests
{
    private static readonly ClusterKey s_key = new("Simulator", "H0UPCNT0", "0001");

    [Fact]
    public async Task Slots_are_read_before_each_exchange()
    {
        var store = new MemoryStore(new ManualTimeProvider());
        var keys = new FakeKeys { Slots = 4 };
        await using var lease = LeaseOf(store);
        await using var placement = PlacementKeeper.Start(lease, keys);
        await Patience.UntilAsync(async () => await SlotsAsync(store) == 4 && store.IsListenedTo);

        // The timer is never due.
        keys.Slots = 0;
        store.Notify(StoreChange.Demand);

        await Patience.UntilAsync(async () => await SlotsAsync(store) == 0);
    }

    /// <summary>A client reads the permit under its lock, and takes this lock to count slots and registrations.</summary>
    [Fact]
    public async Task Neither_the_permit_nor_the_slots_are_read_under_a_lock()
    {
        var store = new MemoryStore(new ManualTimeProvider());
        var keys = new FakeKeys { Slots = 4 };
        await using var lease = LeaseOf(store, isAway: true);
        bool? maySend = null;
        var areLocksFree = false;
        lease.Acquired += _ => maySend = OnThread(() => lease.MaySend);
        await using var placement = PlacementKeeper.Start(lease, keys);
        keys.SlotsRead = () => areLocksFree = OnThread(() => lease.Epoch > 0 && placement.Registered == 0) is true;
        await Patience.UntilAsync(() => lease.Problem is not null);
        store.IsAway = false;
        lease.Wake();

        await Patience.UntilAsync(async () => await SlotsAsync(store) == 4);

        maySend.ShouldBe(true);
        areLocksFree.ShouldBeTrue();
    }

    [Fact]
    public async Task A_lease_that_was_given_back_makes_a_standby_request_it()
    {
        var store = await HeldByOtherAsync();
        await using var lease = LeaseOf(store);
        await using var placement = PlacementKeeper.Start(lease, new FakeKeys { Slots = 4 });

        await Patience.UntilAsync(() =>
        {
            store.Notify(StoreChange.Lease);
            return store.LeaseRequests > 2;
        });
    }

    /// <summary>Each request writes a row, and there are as many standbys as holders.</summary>
    [Fact]
    public async Task Other_changes_make_no_standby_request_its_lease()
    {
        var store = await HeldByOtherAsync();
        var lease = LeaseOf(store);
        await using var placement = PlacementKeeper.Start(lease, new FakeKeys { Slots = 4 });
        await Patience.UntilAsync(() => store is { LeaseRequests: 2, IsListenedTo: true });
        for (var i = 0; i < 1_000; i++)
            store.Notify(i % 2 == 0 ? StoreChange.Demand : StoreChange.Placement);

        // Awaits the requests that have started.
        await lease.DisposeAsync();

        store.LeaseRequests.ShouldBe(2);
    }

    /// <summary>Without a pause it would ask as fast as the database answers.</summary>
    [Fact]
    public void An_ingest_that_does_not_hold_the_lease_any_more_pauses_before_it_reports_again()
    {
        var actions = new Recorded();
        var placement = new IngestPlacement(TimeSpan.FromSeconds(1), actions);
        placement.LeaseAcquired(1, TimeSpan.Zero);
        placement.Answered(1, new IngestAnswer(true, [new HeldKey(s_key, 1, PlacementState.Claimed)]), 4, TimeSpan.Zero);
        placement.KeyRegistered(s_key, 1, TimeSpan.FromSeconds(0.1));
        actions.Requests.ShouldBe(2);

        placement.Answered(2, new IngestAnswer(false, []), 4, TimeSpan.FromSeconds(0.2));

        actions.Requests.ShouldBe(2);
        actions.DueAt.ShouldBe(TimeSpan.FromSeconds(0.45));
        placement.TimerDue(actions.DueAt);
        actions.Reports.ShouldBe([new PlacementReport(s_key, 1, PlacementReportKind.Registered)]);
    }

    private static async Task<MemoryStore> HeldByOtherAsync()
    {
        var store = new MemoryStore(new ManualTimeProvider());
        await store.LeaseAsync(new LeaseRequest("A", "Simulator", "other", 1, 0, TimeSpan.FromMinutes(1)), CancellationToken.None);
        return store;
    }

    private static AppKeyLeaseKeeper LeaseOf(MemoryStore store, bool isAway = false)
    {
        store.IsAway = isAway;
        return new AppKeyLeaseKeeper(
            store, "A", "Simulator", "a", new CoordinationOptions(), new ManualTimeProvider(), NullLogger.Instance);
    }

    private static async Task<int> SlotsAsync(MemoryStore store) =>
        (await store.ReadAsync()).Leases.SingleOrDefault()?.Slots ?? 0;

    // null if it waits for a lock of the caller.
    private static bool? OnThread(Func<bool> read)
    {
        bool? result = null;
        var thread = new Thread(() => result = read()) { IsBackground = true };
        thread.Start();
        return thread.Join(Patience.Limit / 2) ? result : null;
    }

    private sealed class FakeKeys : IKeyRegistrar
    {
        private int _slots;

        public Action? SlotsRead { get; set; }

        public int Slots
        {
            get
            {
                SlotsRead?.Invoke();
                return Volatile.Read(ref _slots);
            }
            set => Volatile.Write(ref _slots, value);
        }

        public Task RegisterAsync(
            string feed, string key, long keyEpoch, Action<PlacedKeyRefusal> ended, CancellationToken cancellationToken) =>
            Task.CompletedTask;

        public Task ReleaseAsync(string feed, string key) => Task.CompletedTask;
    }

    private sealed class Recorded : IPlacementActions
    {
        public int Requests { get; private set; }

        public ImmutableArray<PlacementReport> Reports { get; private set; } = [];

        public TimeSpan DueAt { get; private set; }

        public void Sync(long number, long epoch, ImmutableArray<PlacementReport> reports)
        {
            Requests++;
            Reports = reports;
        }

        public void SetTimer(TimeSpan dueAt) => DueAt = dueAt;

        public void Register(ClusterKey key, long keyEpoch)
        {
        }

        public void Release(ClusterKey key, long keyEpoch)
        {
        }
    }
}
