using KisFeed.Feeds;
using KisFeed.Wire;

namespace KisFeed.Testing.Tests;

/// <summary>What consumers get of a script.</summary>
public sealed class ScriptTests
{
    private static CancellationToken Cancellation => TestContext.Current.CancellationToken;

    [Fact]
    public async Task Records_keep_every_value_and_absent_ones_stay_absent()
    {
        await using var client = new InMemoryKisFeedClient();
        var trade = new StockTrade
        {
            Code = "005930",
            Price = 80_200,
            ChangeRate = -1.50m,
            Time = new TimeOnly(9, 0, 1),
            Date = new DateOnly(2026, 1, 2),
            Side = TradeSide.Buy,
        };
        await using var trades = await client.SubscribeAsync(StockTrade.Krx, "005930", cancellationToken: Cancellation);

        client.Publish(StockTrade.Krx, trade);
        client.Complete();

        var read = await trades.ReadAllAsync(Cancellation).SingleAsync(Cancellation);
        read.ReceivedAt.ShouldBe(client.Time);
        (read.Price, read.ChangeRate, read.Time, read.Date, read.Side).ShouldBe(
            (trade.Price, trade.ChangeRate, trade.Time, trade.Date, trade.Side));
        read.ChangeRate!.Value.Scale.ShouldBe((byte)2);
        read.Volume.ShouldBeNull();
    }

    [Fact]
    public async Task A_frame_with_several_keys_is_delivered_to_each()
    {
        await using var client = new InMemoryKisFeedClient();
        await using var first = await client.SubscribeAsync(StockTrade.Krx, "005930", cancellationToken: Cancellation);
        await using var second = await client.SubscribeAsync(StockTrade.Krx, "000660", cancellationToken: Cancellation);

        client.Publish(
            StockTrade.Krx, Streams.Trade("005930", 1), Streams.Trade("000660", 2), Streams.Trade("005930", 3));
        client.Complete();

        (await Streams.ReadToEndAsync(first)).ShouldBe(["005930 1", "005930 3"]);
        (await Streams.ReadToEndAsync(second)).ShouldBe(["000660 2"]);
        (first.Received, second.Received).ShouldBe((1, 1));
    }

    [Fact]
    public async Task What_is_published_before_waits_for_its_subscriber_in_order()
    {
        await using var client = new InMemoryKisFeedClient();
        client.Publish(StockTrade.Krx, Streams.Trade("005930", 1));
        client.Publish(StockTrade.Krx, Streams.Trade("000660", 2));
        client.Publish(StockTrade.Krx, Streams.Trade("005930", 3));
        client.Waiting.ShouldBe(3);

        await using var tap = client.OpenTap();
        await tap.AddAsync(StockTrade.Krx.Schema, "005930", Cancellation);
        client.Waiting.ShouldBe(2);
        await tap.AddAsync(StockTrade.Krx.Schema, "000660", Cancellation);
        client.Waiting.ShouldBe(0);
        client.Complete();

        List<string> prices = [];
        await foreach (var frame in tap.ReadFramesAsync(Cancellation))
            prices.Add(System.Text.Encoding.UTF8.GetString(frame.Bytes.Span).Split('|')[3].Split('^')[2]);
        prices.ShouldBe(["1", "2", "3"]);
    }

    [Fact]
    public async Task A_key_without_subscriptions_any_more_gets_nothing_as_at_the_broker()
    {
        await using var client = new InMemoryKisFeedClient();
        var trades = await client.SubscribeAsync(StockTrade.Krx, "005930", cancellationToken: Cancellation);
        client.Registrations.ShouldHaveSingleItem().IsConfirmed.ShouldBeTrue();
        await trades.DisposeAsync();

        client.Publish(StockTrade.Krx, Streams.Trade("005930", 1));

        (client.Waiting, client.Skipped).ShouldBe((0, 1));
        client.Registrations.ShouldBeEmpty();
    }

    [Fact]
    public async Task An_interruption_is_told_at_once_and_its_gap_before_the_next_record()
    {
        await using var client = new InMemoryKisFeedClient();
        await using var trades = await client.SubscribeAsync(StockTrade.Krx, "005930", cancellationToken: Cancellation);
        client.Publish(StockTrade.Krx, new StockTrade { Code = "005930", Price = 1, Volume = 10, AccumulatedVolume = 100 });
        client.Time += TimeSpan.FromSeconds(5);
        client.Interrupt(GapReason.Silence);
        client.Interrupt();
        client.Sessions[0].Phase.ShouldBe(SessionPhase.Waiting);
        client.Time += TimeSpan.FromSeconds(5);
        client.Publish(StockTrade.Krx, new StockTrade { Code = "005930", Price = 2, Volume = 10, AccumulatedVolume = 150 });
        client.Sessions[0].Phase.ShouldBe(SessionPhase.Open);
        client.Complete();

        var items = await trades.ReadItemsAsync(Cancellation).ToListAsync(Cancellation);

        items.Select(Streams.TextOf).ShouldBe(["005930 1", "interruption Silence", "gap Silence  40", "005930 2"]);
        var gap = items[2].Event.ShouldBeOfType<Gap>();
        (gap.To - gap.From).ShouldBe(TimeSpan.FromSeconds(10));
        (((Interruption)items[1].Event!).At - gap.From).ShouldBe(TimeSpan.FromSeconds(5));
    }

    [Fact]
    public async Task A_slow_consumer_loses_what_its_queue_cannot_hold()
    {
        await using var client = new InMemoryKisFeedClient(new KisFeedOptions { QueueCapacity = 2 });
        await using var trades = await client.SubscribeAsync(StockTrade.Krx, "005930", cancellationToken: Cancellation);
        for (var price = 1; price <= 5; price++)
            client.Publish(StockTrade.Krx, Streams.Trade("005930", price));
        client.Complete();

        (await Streams.ReadToEndAsync(trades)).ShouldBe(["gap QueueOverflow 3", "005930 4", "005930 5"]);
    }

    [Fact]
    public async Task Malformed_frames_go_to_those_whose_data_they_may_contain()
    {
        await using var client = new InMemoryKisFeedClient();
        await using var trades = await client.SubscribeAsync(StockTrade.Krx, "005930", cancellationToken: Cancellation);
        await using var other = await client.SubscribeAsync(StockTrade.Nxt, "005930", cancellationToken: Cancellation);
        client.Publish("0|H0STCNT0|001|005930^not a record");
        client.Publish("nonsense"u8);
        client.Complete();

        (await Streams.ReadToEndAsync(trades)).ShouldBe(["malformed TooFewFields", "malformed UnknownFlag"]);
        (await Streams.ReadToEndAsync(other)).ShouldBe(["malformed UnknownFlag"]);
        trades.Malformed.ShouldBe(2);
    }

    [Fact]
    public async Task A_refused_key_is_refused_to_subscriptions_and_taps()
    {
        await using var client = new InMemoryKisFeedClient();
        await using var trades = await client.SubscribeAsync(StockTrade.Krx, "005930", cancellationToken: Cancellation);
        await using var tap = client.OpenTap();

        client.Refuse(StockTrade.Krx, "005930", BrokerCode.InvalidTrKey, "invalid tr_key");
        client.Refuse(StockTrade.Krx, "000660", BrokerCode.TooManySubscriptions);

        (await Should.ThrowAsync<SubscribeRefusedException>(Streams.ReadToEndAsync(trades))).Message.ShouldBe(
            "H0STCNT0 was refused: OPSP8992 invalid tr_key; check the key: it is the stock code (종목코드), "
            + "usually of the form of 005930");
        (await Should.ThrowAsync<SubscribeRefusedException>(
            client.SubscribeAsync(StockTrade.Krx, "000660", cancellationToken: Cancellation))).Code
            .ShouldBe(BrokerCode.TooManySubscriptions);
        await Should.ThrowAsync<SubscribeRefusedException>(tap.AddAsync(StockTrade.Krx.Schema, "000660", Cancellation));
        tap.TryRead(out var item).ShouldBeTrue();
        item.Event.ShouldBeOfType<SessionConnected>();
        tap.TryRead(out item).ShouldBeTrue();
        item.Event.ShouldBeOfType<RegistrationRefused>().Code.ShouldBe(BrokerCode.TooManySubscriptions);
    }

    [Fact]
    public async Task A_session_that_fails_ends_its_streams_with_the_error()
    {
        await using var client = new InMemoryKisFeedClient();
        await using var trades = await client.SubscribeAsync(StockTrade.Krx, "005930", cancellationToken: Cancellation);
        client.Publish(StockTrade.Krx, Streams.Trade("005930", 1));
        client.Fail("the app key is not valid", HaltReason.BadCredentials);

        await using var items = trades.ReadItemsAsync(Cancellation).GetAsyncEnumerator(Cancellation);
        (await items.MoveNextAsync()).ShouldBeTrue();
        (await Should.ThrowAsync<ConnectionLostException>(items.MoveNextAsync().AsTask())).Reason.ShouldBe(HaltReason.BadCredentials);
        await Should.ThrowAsync<ConnectionLostException>(client.Completion);
        await Should.ThrowAsync<ConnectionLostException>(
            client.SubscribeAsync(StockTrade.Krx, "000660", cancellationToken: Cancellation));
        client.Sessions[0].HaltReason.ShouldBe(HaltReason.BadCredentials);
        Should.Throw<InvalidOperationException>(() => client.Publish(StockTrade.Krx, Streams.Trade("005930", 2)));
    }

    [Fact]
    public async Task A_subscription_after_the_end_is_empty()
    {
        await using var client = new InMemoryKisFeedClient();
        client.Complete();
        await using var trades = await client.SubscribeAsync(StockTrade.Krx, "005930", cancellationToken: Cancellation);

        (await Streams.ReadToEndAsync(trades)).ShouldBeEmpty();
        await client.Completion;
    }

    [Fact]
    public async Task Waiting_for_readers_includes_what_they_do_with_a_record()
    {
        await using var client = new InMemoryKisFeedClient();
        var processed = 0;
        await using var trades = await client.SubscribeAsync(
            StockTrade.Krx, "005930", (in _) => Interlocked.Increment(ref processed), cancellationToken: Cancellation);
        for (var i = 1; i <= 200; i++)
        {
            client.Publish(StockTrade.Krx, Streams.Trade("005930", i));
            await client.WaitUntilReadAsync(Cancellation);
            Volatile.Read(ref processed).ShouldBe(i);
        }
    }

    [Fact]
    public async Task What_is_not_read_is_named()
    {
        await using var client = new InMemoryKisFeedClient { ReadTimeout = TimeSpan.FromTicks(1) };
        await using var trades = await client.SubscribeAsync(StockTrade.Krx, "005930", cancellationToken: Cancellation);
        client.Publish(StockTrade.Krx, Streams.Trade("005930", 1));
        client.Publish(StockTrade.Krx, Streams.Trade("05930", 1));

        var error = await Should.ThrowAsync<TimeoutException>(client.WaitUntilReadAsync(Cancellation));

        error.Message.ShouldContain("H0STCNT0:05930 was published, but nobody has subscribed to it (subscriptions: H0STCNT0:005930)");
        error.Message.ShouldContain("1 of 1 consumers have not read everything");
    }

    [Fact]
    public async Task Limits_and_mistakes_are_errors()
    {
        await using var client = new InMemoryKisFeedClient(new KisFeedOptions { MaxRegistrations = 1 });
        await using var trades = await client.SubscribeAsync(StockTrade.Krx, "005930", cancellationToken: Cancellation);

        await Should.ThrowAsync<RegistrationLimitException>(
            client.SubscribeAsync(StockTrade.Krx, "000660", cancellationToken: Cancellation));
        (await Should.ThrowAsync<HistoryNotAvailableException>(client.SubscribeAsync(
            StockTrade.Krx, "005930", new SubscribeOptions { From = HistoryStart.At(new TimeOnly(9, 0)) }, Cancellation)))
            .Message.ShouldContain("in-memory");
        Should.Throw<ArgumentException>(() => client.Publish(StockTrade.Krx, new StockTrade { Price = 1 }))
            .Message.ShouldContain("H0STCNT0 has no key: set its stock code");
        Should.Throw<ArgumentException>(() => client.Publish<StockTrade>(StockTrade.Krx));
        Should.Throw<ArgumentException>(() => client.Interrupt(GapReason.QueueOverflow));
    }

    [Fact]
    public async Task A_disposed_client_takes_nothing()
    {
        var client = new InMemoryKisFeedClient();
        await client.DisposeAsync();

        await Should.ThrowAsync<ObjectDisposedException>(
            client.SubscribeAsync(StockTrade.Krx, "005930", cancellationToken: Cancellation));
        Should.Throw<ObjectDisposedException>(() => client.OpenTap());
        await client.Completion;
    }

    [Fact]
    public async Task Status_changes_are_seen()
    {
        await using var client = new InMemoryKisFeedClient();
        await using var statuses = client.WatchSessionsAsync(Cancellation).GetAsyncEnumerator(Cancellation);
        (await statuses.MoveNextAsync()).ShouldBeTrue();
        statuses.Current.Phase.ShouldBe(SessionPhase.Open);

        client.Interrupt();

        (await statuses.MoveNextAsync()).ShouldBeTrue();
        statuses.Current.Phase.ShouldBe(SessionPhase.Waiting);
    }

    /// <summary>What tests of consumers construct without any client. This project sees no internals.</summary>
    [Fact]
    public void Items_can_be_constructed()
    {
        var at = new DateTimeOffset(2026, 1, 2, 9, 0, 0, TimeSpan.FromHours(9));
        new FeedItem<StockTrade> { Record = Streams.Trade("005930", 1) }.IsRecord.ShouldBeTrue();
        new FeedItem<StockTrade> { Event = new Gap { Reason = GapReason.Silence, From = at, MissedVolume = 3 } }.IsRecord.ShouldBeFalse();
        new FeedItem<StockTrade> { Event = new Interruption { At = at, Reason = GapReason.Paused } }.Event.ShouldNotBeNull();
        new FeedItem<StockTrade>
        {
            Event = new MalformedFrame { Error = new FrameError(FrameErrorKind.Empty, 0), Raw = default, ReceivedAt = at },
        }.IsRecord.ShouldBeFalse();
        var schema = StockTrade.Krx.Schema;
        var item = new FrameItem
        {
            Feed = schema,
            Frame = new Frame("0|H0STCNT0|001|"u8.ToArray(), at),
            Shape = new FrameShape(schema.CurrentLayout, schema.CurrentLayout.Width, 1, HasSurplusSeparator: false),
        };
        (item.IsFrame, item.TrId).ShouldBe((true, "H0STCNT0"));
        new FrameItem { Event = new SessionLost { At = at, Session = "1", Problem = "closed" } }.TrId.ShouldBeNull();
        new SessionStatus
        {
            Name = "1",
            Phase = SessionPhase.Open,
            Desired = 1,
            Confirmed = 1,
            Slots = 41,
            Connections = 1,
            Failures = 0,
        }.Problem.ShouldBeNull();
        new RegistrationStatus("H0STCNT0", "005930", RegistrationState.Registered, 1).IsConfirmed.ShouldBeTrue();
    }

    [Fact]
    public async Task An_evicted_key_is_restored_by_its_next_record_behind_a_gap()
    {
        await using var client = new InMemoryKisFeedClient();
        await using var trades = await client.SubscribeAsync(StockTrade.Krx, "005930", cancellationToken: Cancellation);
        await using var both = await client.SubscribeAsync(StockTrade.Krx, ["005930", "000660"], cancellationToken: Cancellation);
        client.Publish(StockTrade.Krx, Streams.Trade("005930", 1));
        client.Evict(StockTrade.Krx, "005930");
        client.Registrations.Where(r => r.State == RegistrationState.Evicted).ShouldHaveSingleItem().Key.ShouldBe("005930");
        client.Publish(StockTrade.Krx, Streams.Trade("000660", 2));
        client.Publish(StockTrade.Krx, Streams.Trade("005930", 3));
        client.Complete();

        var items = await trades.ReadItemsAsync(Cancellation).ToListAsync(Cancellation);
        items.Select(i => i.Event?.GetType()).ShouldBe([null, typeof(Evicted), typeof(Restored), typeof(Gap), null]);
        ((Gap)items[3].Event!).Reason.ShouldBe(GapReason.Evicted);
        (await both.ReadItemsAsync(Cancellation).ToListAsync(Cancellation))
            .Where(i => i.Event is null or Evicted or Gap)
            .Select(i => $"{i.Key} {i.Event?.GetType().Name ?? $"{i.Record.Price}"}")
            .ShouldBe(["005930 1", "005930 Evicted", "000660 2", "005930 Gap", "005930 3"]);
    }
}
