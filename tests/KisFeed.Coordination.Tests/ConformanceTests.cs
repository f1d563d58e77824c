using System.Collections.Concurrent;
using System.Collections.Immutable;
using System.Globalization;
using KisFeed.Coordination.Storing;
using KisFeed.Coordination.Tests.Model;
using KisFeed.Coordination.Tests.Staging;
using KisFeed.TestSupport;

namespace KisFeed.Coordination.Tests;

/// <summary>PostgreSQL does what the reference store of the model does.</summary>
[Collection(nameof(ClusterServer))]
public sealed class ConformanceTests(ClusterServer server)
{
    private const int Clients = 8;
    private const int MaxSlots = 4;

    private static readonly ClusterKey[] s_keys = [.. Enumerable.Range(1, 10)
        .Select(i => new ClusterKey(i > 8 ? "Mock" : "Production", "H0STCNT0", i.ToString("000000", CultureInfo.InvariantCulture)))];
    private static readonly string[] s_appKeys = ["A", "B", "C"];
    private static readonly string[] s_holders = ["h1", "h2"];
    private static readonly string[] s_nodes = ["e1", "e2", "e3"];

    /// <summary>Several clients one after the other, with a clock that the test sets: every answer is equal.</summary>
    [Fact]
    public async Task Every_answer_is_that_of_the_reference()
    {
        var rounds = TestRun.Of(60);
        for (var round = 0; round < rounds; round++)
            await CompareAsync((TestRun.Seed * 1_000L) + round);
    }

    /// <summary>Several clients at once: no key has two holders, no app key too many keys, and no budget is exceeded.</summary>
    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public async Task Concurrent_clients_keep_the_invariants(bool isPostgres)
    {
        var (database, _) = await server.CreateAsync();
        await using var closed = database;
        var memory = new MemoryStore(TimeProvider.System);
        var store = isPostgres ? database.Store : memory;
        var observed = new ConcurrentDictionary<(ClusterKey Key, long KeyEpoch), (string AppKey, long Epoch)>();
        var epochs = new ConcurrentDictionary<(string AppKey, long Epoch), string>();
        await Task.WhenAll(Enumerable.Range(0, Clients).Select(client => Task.Run(async () =>
        {
            var random = new ModelRandom(TestRun.Seed, client);
            var state = new ClientState(observed, epochs);
            for (var i = 0; i < TestRun.Of(1_500); i++)
                await state.StepAsync(store, random);
        })));

        var status = isPostgres ? await database.ReadStatusAsync() : await memory.ReadAsync();
        foreach (var lease in status.Leases)
            lease.Keys.ShouldBeLessThanOrEqualTo(MaxSlots, $"seed {TestRun.Seed}");
        status.Leases.Sum(lease => lease.RegistrationsInHour).ShouldBeGreaterThan(0);
        status.Leases.ShouldAllBe(
            lease => lease.RegistrationsInHour <= ClientState.Limit.PerHour && lease.AttemptsInHour <= ClientState.Limit.PerHour);
        observed.ShouldNotBeEmpty();
        if (isPostgres)
            status.KeyCounts.ShouldBe(status.Keys.Counted());
    }

    /// <summary>A request that was slow must not take the lease from the process that sent it and another one after it.</summary>
    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public async Task A_late_request_of_the_holder_does_not_end_its_epoch(bool isPostgres)
    {
        var (database, _) = await server.CreateAsync();
        await using var closed = database;
        ICoordinationStore store = isPostgres ? database.Store : new MemoryStore(TimeProvider.System);
        async Task<(bool IsHeld, long Epoch)> RequestAsync(long number, long epoch) =>
            await store.LeaseAsync(new LeaseRequest("A", "Simulator", "a", number, epoch, TimeSpan.FromHours(1)), CancellationToken.None)
                is var answer
                ? (answer.IsHeld, answer.Epoch)
                : default;

        (await RequestAsync(2, 0)).ShouldBe((true, 1));
        (await RequestAsync(1, 0)).ShouldBe((false, 1));
        (await RequestAsync(2, 0)).ShouldBe((true, 1));
        (await RequestAsync(3, 1)).ShouldBe((true, 1));
        (await RequestAsync(4, 0)).ShouldBe((true, 2));
    }

    private async Task CompareAsync(long seed)
    {
        var (database, schema) = await server.CreateAsync();
        await using var closed = database;
        await server.ExecuteAsync($"CREATE TABLE {schema}.test_clock AS SELECT 0::bigint AS ms; CREATE "
            + $"OR REPLACE FUNCTION {schema}.clock() RETURNS timestamptz LANGUAGE sql VOLATILE AS 'SELECT timestamptz ''2026-11-20 "
            + $"00:00+00'' + ms * interval ''1 ms'' FROM {schema}.test_clock'");
        var reference = new ReferenceStore { Now = TimeSpan.FromHours(1) };
        var start = reference.Now;
        var random = new ModelRandom(seed, 0);
        var script = new Script();
        for (var step = 0; step < 150; step++)
        {
            if (random.NextBool(0.5))
            {
                reference.Now += random.NextBool(0.01)
                    ? TimeSpan.FromDays(random.Next(10))
                    : TimeSpan.FromMilliseconds(random.Next(random.NextBool(0.1) ? 70_000 : 1_500));
                await server.ExecuteAsync($"UPDATE {schema}.test_clock "
                    + $"SET ms = {(reference.Now - start).TotalMilliseconds.ToString(CultureInfo.InvariantCulture)}");
            }

            var (name, expected, actual) = await script.StepAsync(reference, database.Store, random);
            actual.ShouldBe(expected, $"seed {seed}, step {step}: {name}");
        }

        var left = reference.Read();
        var right = await database.ReadStatusAsync();
        right.Keys.Select(key => key.ToString()).ShouldBe(left.Keys.Select(key => key.ToString()), $"seed {seed}");
        right.Nodes.Select(node => (node.Name, node.IsEdge, node.Wanted))
            .ShouldBe(left.Nodes.Select(node => (node.Name, node.IsEdge, node.Wanted)), $"seed {seed}");
        right.Leases.Select(lease => (lease.AppKey, lease.Holder, lease.Epoch, lease.Slots, lease.Keys))
            .ShouldBe(left.Leases.Select(lease => (lease.AppKey, lease.Holder, lease.Epoch, lease.Slots, lease.Keys)), $"seed {seed}");
    }

    private static string TextOf<TItem>(bool isDone, ImmutableArray<TItem> items) => $"{isDone}: {string.Join(", ", items)}";

    private static CoordinationOptions RulesOf(ModelRandom random, ClusterRateLimit limit) => new()
    {
        ReleaseGrace = TimeSpan.FromSeconds(random.Pick([0, 2])),
        MinimumHold = TimeSpan.FromSeconds(random.Pick([0, 1])),
        TakeoverDelay = TimeSpan.FromSeconds(1),
        FairDelay = TimeSpan.FromSeconds(random.Pick([0, 2])),
        RefusalMemory = TimeSpan.FromSeconds(4),
        RetryDelay = TimeSpan.FromSeconds(2),
        NewRegistrations = limit,
    };

    private static ImmutableArray<ClusterKey> SomeKeys(ModelRandom random) => [.. s_keys.Where(_ => random.NextBool(0.3))];

    // Sends the same random operation to both stores.
    private sealed class Script
    {
        private static readonly ClusterRateLimit s_limit = new(6, 20);

        private readonly Dictionary<(string AppKey, string Holder), long> _epochs = [];
        private readonly Dictionary<(string AppKey, string Holder), ImmutableArray<HeldKey>> _held = [];
        private readonly Dictionary<string, long> _sequences = [];
        private readonly Dictionary<(string AppKey, string Holder), long> _numbers = [];

        public async Task<(string Name, string Expected, string Actual)> StepAsync(
            ReferenceStore reference, ICoordinationStore store, ModelRandom random)
        {
            var (appKey, holder, node) = (random.Pick(s_appKeys), random.Pick(s_holders), random.Pick(s_nodes));
            var epoch = _epochs.GetValueOrDefault((appKey, holder));
            switch (random.Next(12))
            {
                case < 3:
                    var number = _numbers.GetValueOrDefault((appKey, holder)) + random.Pick([-1, 0, 1, 1, 1]);
                    _numbers[(appKey, holder)] = Math.Max(number, _numbers.GetValueOrDefault((appKey, holder)));
                    var lease = new LeaseRequest(
                        appKey, appKey == "C" ? "Mock" : "Production", holder, number, random.NextBool(0.4) ? 0 : epoch,
                        TimeSpan.FromSeconds(3), random.NextBool(0.1) ? 1 : 0);
                    var expected = reference.Lease(lease);
                    if (expected.IsHeld)
                        _epochs[(appKey, holder)] = expected.Epoch;
                    return (lease.ToString(), expected.ToString(), (await store.LeaseAsync(lease, CancellationToken.None)).ToString());
                case 3 when random.NextBool(0.3):
                    reference.ReleaseLease(appKey, holder, epoch);
                    await store.ReleaseLeaseAsync(appKey, holder, epoch, CancellationToken.None);
                    return ("release", "", "");
                case 4:
                    var attempt = new AttemptRequest(appKey, holder, epoch, s_limit);
                    return (attempt.ToString(), reference.RecordAttempt(attempt).ToString(),
                        (await store.RecordAttemptAsync(attempt, CancellationToken.None)).ToString());
                case 5 when random.NextBool(0.1):
                    reference.RemoveEdge(node);
                    await store.RemoveEdgeAsync(node, CancellationToken.None);
                    return ("remove edge", "", "");
                case < 8:
                    var sequence = _sequences[node] = _sequences.GetValueOrDefault(node) + random.Next(3);
                    var edge = new EdgeRequest(
                        node, sequence, random.NextBool(0.3), SomeKeys(random), SomeKeys(random), TimeSpan.FromSeconds(10),
                        TimeSpan.FromSeconds(1));
                    edge = edge with { Removed = edge.IsFull ? [] : [.. edge.Removed.Except(edge.Added)] };
                    var (left, right) = (reference.SyncEdge(edge), await store.SyncEdgeAsync(edge, CancellationToken.None));
                    return (edge.ToString(), TextOf(left.IsKnown, left.Keys), TextOf(right.IsKnown, right.Keys));
                default:
                    var ingest = new IngestRequest(
                        appKey, holder, epoch, random.Pick([0, 2, MaxSlots, MaxSlots]), ReportsOf(appKey, holder, random),
                        RulesOf(random, s_limit));
                    var (before, after) = (reference.SyncIngest(ingest), await store.SyncIngestAsync(ingest, CancellationToken.None));
                    _held[(appKey, holder)] = before.Keys;
                    return ($"{ingest} {string.Join(", ", ingest.Reports)}", TextOf(before.IsHeld, before.Keys),
                        TextOf(after.IsHeld, after.Keys));
            }
        }

        private ImmutableArray<PlacementReport> ReportsOf(string appKey, string holder, ModelRandom random) =>
            [.. _held.GetValueOrDefault((appKey, holder), []).Where(_ => random.NextBool(0.7)).Select(held => ReportOf(held, random))];
    }

    private static PlacementReport ReportOf(HeldKey held, ModelRandom random) => new(
        held.Key,
        held.KeyEpoch,
        random.NextBool(0.1) ? random.Pick([PlacementReportKind.Failed, PlacementReportKind.Refused])
            : held.State == PlacementState.Releasing ? PlacementReportKind.Released
            : PlacementReportKind.Registered,
        "OPSP0000",
        "text");

    // A client of its own.
    private sealed class ClientState(
        ConcurrentDictionary<(ClusterKey Key, long KeyEpoch), (string AppKey, long Epoch)> observed,
        ConcurrentDictionary<(string AppKey, long Epoch), string> epochs)
    {
        private readonly string _name = Guid.NewGuid().ToString("N");
        private long _epoch;
        private string _appKey = "";
        private long _sequence;
        private long _number;
        private ImmutableArray<HeldKey> _held = [];

        public static ClusterRateLimit Limit { get; } = new(60, 100);

        public async Task StepAsync(ICoordinationStore store, ModelRandom random)
        {
            switch (random.Next(6))
            {
                case 0:
                    await LeaseAsync(store, random);
                    break;
                case 1 when _epoch > 0:
                    await store.RecordAttemptAsync(new AttemptRequest(_appKey, _name, _epoch, Limit), CancellationToken.None);
                    break;
                case 2 when _epoch > 0 && random.NextBool(0.2):
                    await store.ReleaseLeaseAsync(_appKey, _name, _epoch, CancellationToken.None);
                    _epoch = 0;
                    break;
                case 3:
                    await store.SyncEdgeAsync(
                        new EdgeRequest(_name, ++_sequence, true, SomeKeys(random), [], TimeSpan.FromSeconds(5), TimeSpan.FromSeconds(1)),
                        CancellationToken.None);
                    break;
                case >= 4 when _epoch > 0:
                    var answer = await store.SyncIngestAsync(
                        new IngestRequest(
                            _appKey, _name, _epoch, MaxSlots,
                            [.. _held.Select(held => ReportOf(held, random))],
                            RulesOf(random, Limit) with
                            {
                                ReleaseGrace = TimeSpan.Zero,
                                MinimumHold = TimeSpan.Zero,
                                TakeoverDelay = TimeSpan.Zero,
                            }),
                        CancellationToken.None);
                    answer.Keys.Length.ShouldBeLessThanOrEqualTo(MaxSlots);
                    _held = answer.Keys;
                    foreach (var held in _held)
                    {
                        observed.GetOrAdd((held.Key, held.KeyEpoch), (_appKey, _epoch))
                            .ShouldBe((_appKey, _epoch), $"{held} has two holders");
                    }
                    break;
            }
        }

        private async Task LeaseAsync(ICoordinationStore store, ModelRandom random)
        {
            if (_epoch == 0)
                _appKey = random.Pick(s_appKeys);
            var answer = await store.LeaseAsync(
                new LeaseRequest(_appKey, "Production", _name, ++_number, _epoch, TimeSpan.FromMilliseconds(random.Pick([30, 300]))),
                CancellationToken.None);
            _epoch = answer.IsHeld ? answer.Epoch : 0;
            _held = _epoch == 0 ? [] : _held;
            if (answer.IsHeld)
                epochs.GetOrAdd((_appKey, _epoch), _name).ShouldBe(_name, $"epoch {_epoch} of {_appKey} has two holders");
        }
    }
}
