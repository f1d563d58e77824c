using KisFeed.Simulator;
using static KisFeed.Tests.Client.Simulation;

namespace KisFeed.Tests.Client;

/// <summary>The client with each fault of the simulator, over real sockets.</summary>
public sealed class FaultTests
{
    [Fact]
    public async Task Repeated_connection_losses_leave_one_gap_each_and_account_for_all_volume()
    {
        await using var server = await StartAsync(2_000, new SimulatorOptions { Faults = SimulatorFaults.Parse("drop-after=100") });
        await using var client = await KisFeedClient.ConnectAsync(Options(server));
        await using var bond = await client.SubscribeAsync(BondTrade.Feed, "KR103502GA34");
        long? before = null;
        long volume = 0;
        var gaps = 0;
        await ReadUntilAsync(bond, item =>
        {
            if (item.Event is Gap gap)
            {
                gap.Reason.ShouldBe(GapReason.ConnectionLost);
                gap.To.ShouldNotBeNull().ShouldBeGreaterThan(gap.From.ShouldNotBeNull());
                volume += gap.MissedVolume.ShouldNotBeNull();
                gaps++;
            }
            else if (item.IsRecord)
            {
                before ??= item.Record.AccumulatedVolume - item.Record.Volume;
                volume += item.Record.Volume!.Value;
                (before + volume).ShouldBe(item.Record.AccumulatedVolume, "every trade was delivered, or missed and accounted for");
            }

            return gaps == 5;
        });
        client.Sessions.Single().Connections.ShouldBe(6);
    }

    [Fact]
    public async Task An_interruption_precedes_its_gap_and_each_is_reported_once_per_subscription()
    {
        await using var server = await StartAsync();
        await using var client = await KisFeedClient.ConnectAsync(Options(server));
        await using var kospi = await client.SubscribeAsync(IndexTrade.Feed, "0001");
        await using var kosdaq = await client.SubscribeAsync(IndexTrade.Feed, "1001");
        await TakeAsync(kospi.ReadAllAsync(), 1);
        await TakeAsync(kosdaq.ReadAllAsync(), 1);
        server.DropConnections().ShouldBe(1);
        foreach (var subscription in new[] { kospi, kosdaq })
        {
            List<FeedEvent> events = [];
            var records = 0;
            await ReadUntilAsync(subscription, item =>
            {
                if (item.Event is { } @event)
                    events.Add(@event);
                else if (events.Count == 2)
                    records++;
                return records == 50;
            });
            events.Count.ShouldBe(2);
            events[0].ShouldBeOfType<Interruption>().Reason.ShouldBe(GapReason.ConnectionLost);
            events[1].ShouldBeOfType<Gap>().Reason.ShouldBe(GapReason.ConnectionLost);
        }
    }

    [Fact]
    public async Task The_watchdog_replaces_a_silent_connection()
    {
        await using var server = await StartAsync(options: new SimulatorOptions { Faults = SimulatorFaults.Parse("silent-after=20") });
        await using var client = await KisFeedClient.ConnectAsync(
            Options(server) with { WatchdogTimeout = TimeSpan.FromMilliseconds(300) });
        await using var kospi = await client.SubscribeAsync(IndexTrade.Feed, "0001");
        var gaps = 0;
        await ReadUntilAsync(kospi, item =>
        {
            if (item.Event is Gap gap)
            {
                gap.Reason.ShouldBe(GapReason.Silence);
                gaps++;
            }

            return gaps == 3;
        });
    }

    [Theory]
    [InlineData("bad-utf8=0.2")]
    [InlineData("garbage=0.2")]
    public async Task Malformed_frames_are_reported_and_no_other_frame_is_lost(string fault)
    {
        await using var server = await StartAsync(options: new SimulatorOptions { Faults = SimulatorFaults.Parse(fault) });
        await using var client = await KisFeedClient.ConnectAsync(Options(server));
        await using var bond = await client.SubscribeAsync(BondTrade.Feed, "KR103502GA34");
        long? total = null;
        var malformed = 0;
        var records = 0;
        await ReadUntilAsync(bond, item =>
        {
            (item.Event is Gap or Interruption).ShouldBeFalse();
            if (item.Event is MalformedFrame)
            {
                malformed++;
            }
            else if (item.IsRecord)
            {
                records++;
                total = (total ?? (item.Record.AccumulatedVolume - item.Record.Volume)) + item.Record.Volume;
                total.ShouldBe(item.Record.AccumulatedVolume, "no valid frame is missing");
            }

            return malformed >= 5 && records >= 50;
        });
        client.Sessions.Single().Connections.ShouldBe(1);
    }

    [Theory]
    [InlineData("split-frames")]
    [InlineData("duplicate-ack")]
    [InlineData("reorder-ack")]
    [InlineData("slow-ack=50ms")]
    [InlineData("grow-columns=2")]
    [InlineData("kick-on-connect=3")]
    [InlineData("approval-fails=2")]
    [InlineData("refuse=OPSP0011:2")]
    public async Task Subscriptions_are_confirmed_and_records_flow_despite_faults(string fault)
    {
        await using var server = await StartAsync(options: new SimulatorOptions { Faults = SimulatorFaults.Parse(fault) });
        await using var client = KisFeedClient.Start(Options(server));
        var keys = new[] { "0001", "1001", "2001" };
        var subscriptions = await Task.WhenAll(keys.Select(key => client.SubscribeAsync(IndexTrade.Feed, key))).WaitAsync(Patience.Limit);
        foreach (var (key, subscription) in keys.Zip(subscriptions))
        {
            var records = await TakeAsync(subscription.ReadAllAsync(), 5);
            records.ShouldAllBe(r => r.Code == key);
            subscription.Malformed.ShouldBe(0);
        }

        await Task.WhenAll(subscriptions.Select(async s => await s.DisposeAsync())).WaitAsync(Patience.Limit);
        client.Registrations.ShouldBeEmpty();
        server.Statistics.Registrations.ShouldBe(0);
    }

    [Fact]
    public async Task Acknowledgements_lost_while_restoring_are_requested_again()
    {
        await using var server = await StartAsync();
        await using var client = await KisFeedClient.ConnectAsync(Options(server) with { ReplyTimeout = TimeSpan.FromSeconds(1) });
        await using var notices = await client.SubscribeAsync(OrderNotice.Feed, "tester01");
        await using var kospi = await client.SubscribeAsync(IndexTrade.Feed, "0001");
        await TakeAsync(notices.ReadAllAsync(), 1);
        server.SetFaults(SimulatorFaults.Parse("lose-ack=0.5"));
        server.DropConnections();
        await ReadUntilAsync(notices, item => item.Event is Gap);
        (await TakeAsync(notices.ReadAllAsync(), 3)).ShouldAllBe(notice => notice.CustomerId != null);
        await ReadUntilAsync(kospi, item => item.Event is Gap);
    }

    [Fact]
    public async Task Notices_are_decrypted_with_the_key_of_the_current_connection()
    {
        await using var server = await StartAsync();
        await using var client = await KisFeedClient.ConnectAsync(Options(server));
        await using var notices = await client.SubscribeAsync(OrderNotice.Feed, "tester01");
        await TakeAsync(notices.ReadAllAsync(), 1);
        for (var i = 0; i < 3; i++)
        {
            server.DropConnections();
            await ReadUntilAsync(notices, item => item.Event is Gap);
            await TakeAsync(notices.ReadAllAsync(), 2);
        }

        notices.Malformed.ShouldBe(0);
    }

    [Fact]
    public async Task A_service_that_keeps_closing_connections_is_given_up_with_a_reason()
    {
        await using var server = await StartAsync(options: new SimulatorOptions { Faults = SimulatorFaults.Parse("kick-on-connect=100") });
        await using var client = KisFeedClient.Start(
            Options(server) with { Reconnect = QuickReconnect with { GiveUpAfter = TimeSpan.FromMilliseconds(300) } });
        var error = await Should.ThrowAsync<ConnectionLostException>(client.SubscribeAsync(IndexTrade.Feed, "0001")
            .WaitAsync(Patience.Limit));
        error.Reason.ShouldBe(HaltReason.Fruitless);
        error.Message.ShouldContain("given up after 300ms");
        (await Should.ThrowAsync<ConnectionLostException>(client.Completion)).ShouldBeSameAs(error);
        var status = client.Sessions.Single();
        (status.Phase, status.HaltReason, status.Problem).ShouldBe((SessionPhase.Halted, HaltReason.Fruitless, error.Message));
        server.Statistics.ConnectionsAccepted.ShouldBeGreaterThan(1);
        server.Statistics.ApprovalKeysIssued.ShouldBe(1, "a valid key is reused");
        (await Should.ThrowAsync<ConnectionLostException>(client.SubscribeAsync(IndexTrade.Feed, "0001"))).Reason
            .ShouldBe(HaltReason.Fruitless);
    }

    [Fact]
    public async Task An_app_key_held_by_a_dead_session_is_retried()
    {
        await using var server = await StartAsync(options: new SimulatorOptions { Faults = SimulatorFaults.Parse("hold-app-key=300ms") });
        await using var client = await KisFeedClient.ConnectAsync(
            Options(server) with { Reconnect = QuickReconnect with { AppKeyInUseDelay = TimeSpan.FromMilliseconds(50) } });
        await using var kospi = await client.SubscribeAsync(IndexTrade.Feed, "0001");
        await TakeAsync(kospi.ReadAllAsync(), 1);
        server.DropConnections();
        await ReadUntilAsync(kospi, item => item.Event is Gap);
        client.Sessions.Single().Connections.ShouldBeGreaterThan(2, "it was refused at least once");
    }

    [Fact]
    public async Task An_app_key_held_by_another_program_is_given_up_with_the_likely_cause()
    {
        await using var server = await StartAsync();
        await using var first = await KisFeedClient.ConnectAsync(Options(server));
        await using var existing = await first.SubscribeAsync(IndexTrade.Feed, "0001");
        await using var second = await KisFeedClient.ConnectAsync(Options(server) with
        {
            Reconnect = QuickReconnect with { GiveUpAfter = TimeSpan.FromMilliseconds(100) },
        });
        var error = await Should.ThrowAsync<ConnectionLostException>(second.SubscribeAsync(IndexTrade.Feed, "1001")
            .WaitAsync(Patience.Limit));
        (error.Reason, error.Code).ShouldBe((HaltReason.AppKeyInUse, BrokerCode.AppKeyInUse));
        error.Message.ShouldContain("another program");
        (await TakeAsync(existing.ReadAllAsync(), 1)).Count.ShouldBe(1, "the existing subscription keeps the app key");
    }

    [Fact]
    public async Task A_registration_refused_while_restoring_ends_alone()
    {
        await using var server = await StartAsync();
        await using var client = await KisFeedClient.ConnectAsync(Options(server));
        await using var kospi = await client.SubscribeAsync(IndexTrade.Feed, "0001");
        await using var kosdaq = await client.SubscribeAsync(IndexTrade.Feed, "1001");
        server.SetFaults(SimulatorFaults.Parse("refuse=OPSP8992:1"));
        server.DropConnections();
        var refusal = await Should.ThrowAsync<SubscribeRefusedException>(ReadUntilAsync(kospi, _ => false));
        refusal.Code.ShouldBe(BrokerCode.InvalidTrKey);
        refusal.Message.ShouldEndWith("check the key: it is the sector code (업종구분코드), usually of the form of 0001");
        await ReadUntilAsync(kosdaq, item => item.Event is Gap);
        client.Registrations.Single().ShouldSatisfyAllConditions(r => r.Key.ShouldBe("1001"), r => r.IsConfirmed.ShouldBeTrue());
    }

    [Fact]
    public async Task A_restarted_server_is_reconnected()
    {
        using var port = ReservedPort.Take();
        var server = await SimulatorServer.StartAsync(new SimulatorOptions { Port = port.Number, Rate = 500 });
        await using var client = await KisFeedClient.ConnectAsync(Options(server));
        await using var kospi = await client.SubscribeAsync(IndexTrade.Feed, "0001");
        await TakeAsync(kospi.ReadAllAsync(), 1);
        await server.DisposeAsync();

        // Subscribed while there is no connection.
        var waiting = client.SubscribeAsync(IndexTrade.Feed, "1001");
        using var cancellation = new CancellationTokenSource();
        var cancelled = client.SubscribeAsync(IndexTrade.Feed, "2001", cancellationToken: cancellation.Token);
        await cancellation.CancelAsync();
        await Should.ThrowAsync<OperationCanceledException>(cancelled);

        await using var again = await SimulatorServer.StartAsync(new SimulatorOptions { Port = port.Number, Rate = 500 });
        await ReadUntilAsync(kospi, item => item.Event is Gap);
        await using var kosdaq = await waiting.WaitAsync(Patience.Limit);
        await TakeAsync(kosdaq.ReadAllAsync(), 1);
        client.Registrations.Select(r => r.Key).ShouldBe(["0001", "1001"], "a wait that was cancelled leaves nothing behind");
        again.Statistics.Registrations.ShouldBe(2);
    }

    [Fact]
    public async Task A_hundred_subscriptions_over_three_app_keys_survive_the_loss_of_one_session()
    {
        await using var server = await StartAsync(5_000);
        var options = Options(server) with
        {
            HtsId = "tester01",
            AdditionalAppKeys =
            [
                new AppCredentials { AppKey = "PSsecond000000000000000000000000", AppSecret = AppSecret, HtsId = "tester02" },
                new AppCredentials { AppKey = "PSthird0000000000000000000000000", AppSecret = AppSecret, Name = "third" },
            ],
        };
        await using var client = await KisFeedClient.ConnectAsync(options);
        await using var notices = await client.SubscribeAsync(OrderNotice.Feed, "tester02");
        var keys = Enumerable.Range(0, 99).Select(i => (100_000 + (i * 10)).ToString("D6", CultureInfo.InvariantCulture)).ToArray();
        var subscriptions = await Task.WhenAll(keys.Select(key => client.SubscribeAsync(ProgramTrade.Consolidated, key)))
            .WaitAsync(Patience.Limit);
        client.Registrations.Count.ShouldBe(100);
        client.Registrations.ShouldAllBe(r => r.IsConfirmed);
        client.Registrations.GroupBy(r => r.Session, StringComparer.Ordinal).ShouldAllBe(g => g.Count() <= 41);
        client.Registrations.Single(r => r.TrId == "H0IFCNI0").Session.ShouldBe("2");
        foreach (var subscription in subscriptions)
            await TakeAsync(subscription.ReadAllAsync(), 1);

        var before = client.Sessions.ToDictionary(s => s.Name, s => s.Connections, StringComparer.Ordinal);
        server.DropConnections(server.Sessions.Min(s => s.Number)).ShouldBe(1);
        var lost = await GetLostSessionAsync(client, before);
        foreach (var (key, subscription) in keys.Zip(subscriptions))
        {
            var isLost = client.Registrations.Single(r => r.Key == key).Session == lost;
            var hadGap = false;
            var after = 0;
            await ReadUntilAsync(subscription, item =>
            {
                hadGap |= item.Event is Gap;
                after += item.IsRecord && (hadGap || !isLost) ? 1 : 0;
                return after >= 3;
            });
            hadGap.ShouldBe(isLost);
        }

        client.Registrations.ShouldAllBe(r => r.IsConfirmed);
        foreach (var subscription in subscriptions)
            await subscription.DisposeAsync();
    }

    [Fact]
    public async Task A_client_recreated_after_each_failure_shares_the_attempt_budget()
    {
        await using var server = await StartAsync(options: new SimulatorOptions { Faults = SimulatorFaults.Parse("kick-on-connect=100") });
        var options = OptionsFor(server) with { Reconnect = ReconnectPolicy.Never with { AttemptsPerMinute = 3 } };
        for (var i = 0; i < 3; i++)
        {
            await using var client = await KisFeedClient.ConnectAsync(options);
            await Should.ThrowAsync<ConnectionLostException>(client.Completion.WaitAsync(Patience.Limit));
        }

        (await Should.ThrowAsync<ConnectionFailedException>(KisFeedClient.ConnectAsync(options))).Message
            .ShouldContain("which is the limit; the next is allowed in");
        server.Statistics.ConnectionsAccepted.ShouldBe(3);
    }

    private static async Task<string> GetLostSessionAsync(KisFeedClient client, Dictionary<string, long> connectionsBefore)
    {
        using var timeout = new CancellationTokenSource(Patience.Limit);
        await foreach (var status in client.WatchSessionsAsync(timeout.Token))
        {
            if (status.Phase != SessionPhase.Open || status.Connections != connectionsBefore[status.Name])
                return status.Name;
        }

        throw new InvalidOperationException("no session was lost");
    }

    private static KisFeedOptions Options(SimulatorServer server) => OptionsFor(server) with { Reconnect = QuickReconnect };

    private static async Task ReadUntilAsync<TRecord>(Subscription<TRecord> subscription, Func<FeedItem<TRecord>, bool> isDone)
        where TRecord : struct, IFeedRecord<TRecord>
    {
        using var timeout = new CancellationTokenSource(Patience.Limit);
        await foreach (var item in subscription.ReadItemsAsync(timeout.Token))
        {
            if (isDone(item))
                return;
        }
    }
}
