using System.Collections.Concurrent;
using KisFeed.Cli.Clusters;
using KisFeed.Coordination;
using KisFeed.Gateway;
using KisFeed.Simulator;
using KisFeed.Wire;

namespace KisFeed.Cli.Tests.Clusters;

/// <summary>The keys of a cluster on the session of an app key: what it can hold, and when it gives a key back.</summary>
public sealed class SessionKeyRegistrarTests
{
    private const string First = "1";
    private const string Second = "second";

    private static readonly FeedSchema s_index = IndexTrade.Feed.Schema;
    private static readonly TimeSpan s_longerThanTheLimit = TimeSpan.FromMinutes(1);

    [Fact]
    public async Task A_key_is_given_back_if_the_session_does_not_connect()
    {
        await using var client = KisFeedClient.Start(OptionsOf(new Uri("ws://127.0.0.1:1")));
        var (placed, time) = (new FakeKeys(), new ManualTimeProvider());
        var registrar = new SessionKeyRegistrar(client, First, () => 1, placed, new FakePublisher(), time);

        var registering = RegisterAsync(registrar);
        await Patience.UntilAsync(() =>
        {
            time.Advance(s_longerThanTheLimit);
            return registering.IsCompleted;
        });

        var error = await Should.ThrowAsync<KisFeedException>(registering);
        PlacedKeyRefusal.Of(error).IsPermanent.ShouldBeFalse("another ingest may register it");
        placed.Calls.ShouldBe(["add 0001", "drop 0001"]);
    }

    [Fact]
    public async Task A_session_that_cannot_connect_takes_one_key_to_try_with()
    {
        var hour = TimeSpan.FromHours(1);
        var rarely = new ReconnectPolicy { InitialDelay = hour, MaxDelay = hour, MaxRefusedDelay = hour };
        await using var client = KisFeedClient.Start(OptionsOf(new Uri("ws://127.0.0.1:1")) with { Reconnect = rarely });
        var registrar = new SessionKeyRegistrar(client, First, () => 1, new FakeKeys(), new FakePublisher(), TimeProvider.System);
        await Patience.UntilAsync(() => client.Sessions[0] is { Failures: > 0, Phase: SessionPhase.Idle });
        registrar.Slots.ShouldBe(1, "without a key it does not try");

        using var cancellation = new CancellationTokenSource();
        var registering = client.SubscribeAsync(IndexTrade.Feed, "0001", cancellationToken: cancellation.Token);
        await Patience.UntilAsync(() => client.Sessions[0] is { Failures: > 0, Phase: SessionPhase.Waiting });

        registrar.Slots.ShouldBe(0, "it tries already, with a key of this gateway");
        await cancellation.CancelAsync();
        await Should.ThrowAsync<OperationCanceledException>(registering);
    }

    [Fact]
    public async Task Nothing_is_registered_that_cannot_be_published()
    {
        await using var simulator = await SimulatorServer.StartAsync(new SimulatorOptions());
        await using var client = await KisFeedClient.ConnectAsync(OptionsOf(simulator.WebSocketUrl));
        var (placed, publisher) = (new FakeKeys(), new FakePublisher());
        var registrar = new SessionKeyRegistrar(client, First, () => 1, placed, publisher, TimeProvider.System);
        registrar.Slots.ShouldBeGreaterThan(0);

        publisher.HasEnded = true;

        registrar.Slots.ShouldBe(0);
        await Should.ThrowAsync<KisFeedException>(RegisterAsync(registrar));
        placed.Calls.ShouldBeEmpty();
    }

    [Fact]
    public async Task A_key_that_another_session_of_the_gateway_has_is_given_back_at_once()
    {
        await using var simulator = await SimulatorServer.StartAsync(new SimulatorOptions());
        await using var client = await KisFeedClient.ConnectAsync(
            OptionsOf(simulator.WebSocketUrl) with { AdditionalAppKeys = [SecondAppKey()] });
        client.AssignSession(s_index, "0001", First);
        await using var subscription = await client.SubscribeAsync(IndexTrade.Feed, "0001");
        var placed = new FakeKeys();
        var registrar = new SessionKeyRegistrar(client, Second, () => 1, placed, new FakePublisher(), new ManualTimeProvider());

        await Should.ThrowAsync<RegistrationLimitException>(RegisterAsync(registrar).WaitAsync(Patience.Limit));
        placed.Calls[^1].ShouldBe("remove 0001");
    }

    [Fact]
    public async Task A_key_is_released_at_the_broker_only_by_the_session_that_registered_it()
    {
        await using var simulator = await SimulatorServer.StartAsync(new SimulatorOptions());
        await using var client = await KisFeedClient.ConnectAsync(OptionsOf(simulator.WebSocketUrl));
        var placed = new FakeKeys { IsRegistered = true };
        var epoch = 1L;
        var registrar = new SessionKeyRegistrar(client, First, () => epoch, placed, new FakePublisher(), TimeProvider.System);

        await RegisterAsync(registrar);
        await registrar.ReleaseAsync(s_index.TrId, "0001");
        await RegisterAsync(registrar);
        epoch = 2; // The session stood down, and has connected again.
        await registrar.ReleaseAsync(s_index.TrId, "0001");
        await RegisterAsync(registrar);
        registrar.Stop(); // Its registrations end with the session.
        await registrar.ReleaseAsync(s_index.TrId, "0001");

        placed.Calls.ShouldBe(["add 0001", "remove 0001", "add 0001", "drop 0001", "add 0001"]);
    }

    [Fact]
    public async Task A_key_that_the_broker_ends_is_unplaced_before_its_end_is_reported()
    {
        await using var simulator = await SimulatorServer.StartAsync(new SimulatorOptions());
        await using var client = await KisFeedClient.ConnectAsync(
            OptionsOf(simulator.WebSocketUrl) with { AdditionalAppKeys = [SecondAppKey()] });
        var (placed, publisher) = (new FakeKeys { IsRegistered = true }, new FakePublisher());
        var registrar = new SessionKeyRegistrar(client, Second, () => 1, placed, publisher, TimeProvider.System);
        var ended = new TaskCompletionSource<bool>(TaskCreationOptions.RunContinuationsAsynchronously);
        await registrar.RegisterAsync(s_index.TrId, "0001", 7, _ => ended.TrySetResult(publisher.Placed.IsEmpty), CancellationToken.None);
        publisher.Placed.Keys.ShouldBe(["0001"]);

        placed.End(BrokerCode.SendFailed);

        (await ended.Task.WaitAsync(Patience.Limit)).ShouldBeTrue();
        await using var subscription = await client.SubscribeAsync(IndexTrade.Feed, "0001");
        client.Registrations.Single().Session.ShouldBe(First, "the key is not assigned to a session any more");
    }

    private static AppCredentials SecondAppKey() =>
        new() { Name = Second, AppKey = TestCredentials.NewAppKey(), AppSecret = TestCredentials.AppSecret };

    private static Task RegisterAsync(SessionKeyRegistrar registrar) =>
        registrar.RegisterAsync(s_index.TrId, "0001", 7, _ => { }, CancellationToken.None);

    private static KisFeedOptions OptionsOf(Uri url) => new()
    {
        AppKey = TestCredentials.NewAppKey(),
        AppSecret = TestCredentials.AppSecret,
        Environment = KisEnvironment.Simulator,
        WebSocketUrl = url,
    };

    private sealed class FakeKeys : IPlacedKeys
    {
        private readonly ConcurrentQueue<string> _calls = new();
        private Action<BrokerCode>? _onEnded;

        public string[] Calls => [.. _calls];

        public bool IsRegistered { get; init; }

        public Task<BrokerCode?> AddAsync(
            FeedSchema feed, string key, Action<BrokerCode> onEnded, CancellationToken cancellationToken = default)
        {
            _calls.Enqueue($"add {key}");
            _onEnded = onEnded;
            return Task.FromResult<BrokerCode?>(null);
        }

        public Task RemoveAsync(FeedSchema feed, string key, CancellationToken cancellationToken = default)
        {
            _calls.Enqueue($"remove {key}");
            return Task.CompletedTask;
        }

        public Task DropAsync(FeedSchema feed, string key, CancellationToken cancellationToken = default)
        {
            _calls.Enqueue($"drop {key}");
            return Task.CompletedTask;
        }

        public void End(BrokerCode code) => _onEnded!(code);

        bool IPlacedKeys.IsRegistered(FeedSchema feed, string key) => IsRegistered;
    }

    private sealed class FakePublisher : IPlacedKeyPublisher
    {
        public bool HasEnded { get; set; }

        /// <summary>The placed keys and their epochs.</summary>
        public ConcurrentDictionary<string, uint> Placed { get; } = new(StringComparer.Ordinal);

        public void Place(FeedSchema feed, string key, uint epoch) => Placed[key] = epoch;

        public Task AddAsync(FeedSchema feed, string key, CancellationToken cancellationToken) => Task.CompletedTask;

        public Task UnplaceAsync(FeedSchema feed, string key)
        {
            Placed.TryRemove(key, out _);
            return Task.CompletedTask;
        }
    }
}
