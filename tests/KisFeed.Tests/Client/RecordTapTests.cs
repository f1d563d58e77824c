using System.Net.WebSockets;
using static KisFeed.Tests.Client.Simulation;

namespace KisFeed.Tests.Client;

/// <summary>Typed records of many keys and feeds, compared with the frames that a server sent.</summary>
public sealed class RecordTapTests
{
    private const string Rest = "^2^3^4^2^2^5^6^1";
    private static readonly string[] s_keys = ["000660", "005380", "005930", "035420"];

    [Fact]
    public async Task Records_of_many_keys_and_feeds_come_once_in_the_order_of_receipt_with_their_keys()
    {
        const int Frames = 2_000;
        var seed = TestRun.Seed;
        var random = new Random(seed);
        var frames = new List<string>();
        var expected = new List<(string TrId, string Key, long Number)>();
        for (var i = 0; i < Frames; i++)
        {
            // Also keys that are not subscribed to: 999999.
            var feed = random.Next(2) == 0 ? "H0UNPGM0" : "H0NXPGM0";
            var owners = Enumerable.Range(0, random.Next(1, 6)).Select(_ => random.GetItems([.. s_keys, "999999"], 1)[0]).ToArray();
            if (owners.All(o => o == "999999"))
                owners[0] = "005930";
            frames.Add($"0|{feed}|{owners.Length:D3}|{string.Join('^', owners.Select(k => $"{k}^092237^{i}{Rest}"))}");
            expected.AddRange(owners.Where(o => o != "999999").Select(o => (feed, o, (long)i)));
        }

        await using var server = await ScriptedServer.StartAcknowledgingAsync(8, async socket =>
        {
            foreach (var frame in frames)
                await ScriptedServer.SendAsync(socket, frame);
        });
        await using var client = await KisFeedClient.ConnectAsync(server.Options);
        await using var tap = client.OpenRecordTap();
        await tap.AddAsync(ProgramTrade.Consolidated, s_keys);
        await tap.AddAsync(ProgramTrade.Nxt, s_keys);

        var records = new List<(string TrId, string Key, long Number)>();
        var confirmed = 0;
        using var timeout = new CancellationTokenSource(Patience.Limit);
        await foreach (var item in tap.ReadAllAsync(timeout.Token))
        {
            confirmed += item.Event is RegistrationConfirmed ? 1 : 0;
            if (item.TryGet(out ProgramTrade trade))
            {
                (item.IsRecord, item.Event, trade.Code).ShouldBe((true, null, item.Key));
                item.TryGet<IndexTrade>(out _).ShouldBeFalse();
                records.Add((item.Feed!.TrId, item.Key!, trade.SellVolume!.Value));
                if (records.Count == expected.Count)
                    break;
            }
        }

        confirmed.ShouldBe(8);
        records.ShouldBe(expected, $"seed {seed}");
        (tap.Received, tap.Dropped, tap.Malformed, tap.QueueDepth, tap.Refused.Count).ShouldBe((Frames, 0, 0, 0, 0));
    }

    [Fact]
    public async Task Two_types_of_records_of_one_stock_come_in_the_order_of_receipt()
    {
        await using var server = await StartAsync();
        await using var client = await KisFeedClient.ConnectAsync(OptionsFor(server));
        await using var frames = client.OpenTap();
        await using var records = client.OpenRecordTap();
        await records.AddAsync(IndexTrade.Feed, ["0001", "1001"]);
        await records.AddAsync(ProgramTrade.Consolidated, "005930");
        foreach (var key in (string[])["0001", "1001"])
            await frames.AddAsync(IndexTrade.Feed.Schema, key);
        await frames.AddAsync(ProgramTrade.Consolidated.Schema, "005930");

        // From a marker in both on: the first frame that the tap of frames has.
        var sent = (await TakeAsync(frames.ReadAllAsync(), 200)).Where(i => i.IsFrame)
            .Select(i => (i.TrId!, At: i.Frame.ReceivedAt)).ToList();
        var received = new List<(string, DateTimeOffset)>();
        using var timeout = new CancellationTokenSource(Patience.Limit);
        await foreach (var item in records.ReadAllAsync(timeout.Token))
        {
            DateTimeOffset? at = item.TryGet(out IndexTrade index) ? index.ReceivedAt
                : item.TryGet(out ProgramTrade program) ? program.ReceivedAt
                : null;
            if (at >= sent[0].At && (received.Count == 0 || received[^1].Item2 != at))
                received.Add((item.Feed!.TrId, at.Value));
            if (at >= sent[^1].At)
                break;
        }

        received.ShouldBe(sent);
        received.Select(r => r.Item1).Distinct(StringComparer.Ordinal).Order(StringComparer.Ordinal).ShouldBe(["H0UNPGM0", "H0UPCNT0"]);
    }

    [Fact]
    public async Task A_refused_key_is_reported_and_the_others_go_on()
    {
        await using var server = await StartAsync();
        await using var client = await KisFeedClient.ConnectAsync(OptionsFor(server) with { MaxRegistrations = 3 });
        await using var bonds = await client.SubscribeAsync(BondTrade.Feed, ["KR103502GA34", "nonsense"]);
        bonds.Refused.Select(r => (r.Feed.TrId, r.Key, r.Error.GetType()))
            .ShouldBe([("H0BJCNT0", "nonsense", typeof(SubscribeRefusedException))]);
        bonds.Refused[0].ToString().ShouldNotContain("nonsense");

        // The session is full: nothing is sent, and the stream says it all the same.
        await using var indices = await client.SubscribeAsync(IndexTrade.Feed, ["0001", "1001", "2001"]);
        var full = indices.Refused.ShouldHaveSingleItem();
        full.Error.ShouldBeOfType<RegistrationLimitException>();
        var items = await TakeAsync(indices.ReadItemsAsync(), 50);
        items.Select(i => i.Event).OfType<RegistrationRefused>().ShouldHaveSingleItem().Key.ShouldBe(full.Key);
        items.Where(i => i.IsRecord).Select(i => i.Key).Distinct(StringComparer.Ordinal).Order(StringComparer.Ordinal)
            .ShouldBe(new[] { "0001", "1001", "2001" }.Where(k => k != full.Key));
        (await TakeAsync(bonds.ReadAllAsync(), 3)).ShouldAllBe(b => b.Code == "KR103502GA34");

        // With room, it can be added again.
        await bonds.DisposeAsync();
        await indices.AddAsync(full.Key);
        indices.Refused.ShouldBeEmpty();
    }

    [Fact]
    public async Task Only_if_every_key_is_refused_the_first_error_is_thrown_and_nothing_stays_registered()
    {
        await using var server = await StartAsync();
        await using var client = await KisFeedClient.ConnectAsync(OptionsFor(server));
        await Should.ThrowAsync<SubscribeRefusedException>(() => client.SubscribeAsync(BondTrade.Feed, ["nonsense", "more"]));
        await Should.ThrowAsync<ArgumentException>(() => client.SubscribeAsync(BondTrade.Feed, ["KR103502GA34", " blank"]));
        client.Registrations.ShouldBeEmpty();
        await using var empty = await client.SubscribeAsync(BondTrade.Feed, []);
        await empty.AddAsync("KR103502GA34");
        (await TakeAsync(empty.ReadAllAsync(), 1))[0].Code.ShouldBe("KR103502GA34");
    }

    [Fact]
    public async Task Keys_are_added_and_removed_while_it_is_read()
    {
        await using var server = await StartAsync();
        await using var client = await KisFeedClient.ConnectAsync(OptionsFor(server));
        await using var indices = await client.SubscribeAsync(IndexTrade.Feed, ["0001", "1001", "1001"]);
        (await UntilAsync(indices, i => i is { IsRecord: true, Key: "1001" })).ShouldContain(i => i.IsRecord);
        await indices.AddAsync("2001");
        (await UntilAsync(indices, i => i is { IsRecord: true, Key: "2001" }))
            .ShouldContain(i => i.Event is RegistrationConfirmed && i.Key == "2001");
        await Should.ThrowAsync<InvalidOperationException>(() => indices.AddAsync(["2001"]));

        await indices.RemoveAsync("1001");
        await UntilAsync(indices, i => i is { Event: RegistrationReleased, Key: "1001" });
        (await TakeAsync(indices.ReadItemsAsync(), 100))
            .Select(i => i.Key).Distinct(StringComparer.Ordinal).Order(StringComparer.Ordinal).ShouldBe(["0001", "2001"]);
        await indices.AddAsync("1001");
        await UntilAsync(indices, i => i is { IsRecord: true, Key: "1001" });
        client.Registrations.Select(r => r.Key).Order(StringComparer.Ordinal).ShouldBe(["0001", "1001", "2001"]);
        await indices.DisposeAsync();
        client.Registrations.ShouldBeEmpty();
    }

    [Fact]
    public async Task A_record_of_a_removed_key_is_not_delivered_from_a_frame_of_another()
    {
        var removed = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        await using var server = await ScriptedServer.StartAsync(async socket =>
        {
            for (var i = 0; i < 3; i++)
                await ScriptedServer.AcknowledgeAsync(socket);
            await removed.Task;
            await ScriptedServer.SendAsync(socket, $"0|H0UNPGM0|002|005930^092237^1{Rest}^000660^092237^2{Rest}");
            await ScriptedServer.ReceiveAsync(socket);
        });
        await using var client = await KisFeedClient.ConnectAsync(server.Options);
        await using var trades = await client.SubscribeAsync(ProgramTrade.Consolidated, ["005930", "000660"]);
        await trades.RemoveAsync("000660");
        removed.SetResult();
        var items = await UntilAsync(trades, i => i.IsRecord);
        items.ShouldContain(i => i.Event is RegistrationReleased && i.Key == "000660");
        items[^1].Key.ShouldBe("005930");
        trades.QueueDepth.ShouldBe(0);
        using var cancelled = new CancellationTokenSource();
        await using var rest = trades.ReadItemsAsync(cancelled.Token).GetAsyncEnumerator(TestContext.Current.CancellationToken);
        var next = rest.MoveNextAsync();
        next.IsCompleted.ShouldBeFalse("the frame's other record belongs to a key that was removed");
        await cancelled.CancelAsync();
        await Should.ThrowAsync<OperationCanceledException>(async () => await next);
    }

    [Fact]
    public async Task Gaps_have_the_missed_volume_of_their_key()
    {
        var connections = 0;
        await using var server = await ScriptedServer.StartAsync(async socket =>
        {
            var first = ++connections == 1;
            await ScriptedServer.AcknowledgeAsync(socket);
            await ScriptedServer.AcknowledgeAsync(socket);
            await ScriptedServer.SendAsync(
                socket,
                $"0|H0UPCNT0|002|{Index("0001", first ? 100 : 180, 5)}^{Index("1001", first ? 1_000 : 1_500, 20)}");
            if (first)
                await socket.CloseOutputAsync(WebSocketCloseStatus.EndpointUnavailable, "maintenance", CancellationToken.None);
            else
                await ScriptedServer.ReceiveAsync(socket);
        });
        await using var client = await KisFeedClient.ConnectAsync(server.Options with { Reconnect = QuickReconnect });
        await using var indices = await client.SubscribeAsync(IndexTrade.Feed, ["0001", "1001"]);
        var items = new List<FeedItem<IndexTrade>>();
        while (items.Count(i => i.IsRecord) < 4)
            items.AddRange(await UntilAsync(indices, i => i.IsRecord));
        items.Select(i => i.Event).OfType<Gap>().Select(g => (g.Key, g.MissedVolume)).ShouldBe([("0001", 75), ("1001", 480)]);
        items.FindLastIndex(i => i.Event is Gap).ShouldBe(items.Count - 3, "both gaps precede the frame's records");
    }

    [Fact]
    public async Task An_unreadable_record_is_an_event_and_counted_and_the_rest_of_its_frame_is_read()
    {
        await using var server = await ScriptedServer.StartAcknowledgingAsync(1, async socket =>
            await ScriptedServer.SendAsync(socket, $"0|H0UNPGM0|003|005930^092237^1{Rest}^005930^092237^x{Rest}^005930^092237^3{Rest}"));
        await using var client = await KisFeedClient.ConnectAsync(server.Options);
        await using var trades = await client.SubscribeAsync(ProgramTrade.Consolidated, ["005930"]);
        var items = new List<FeedItem<ProgramTrade>>();
        while (items.Count(i => i.IsRecord) < 2)
            items.AddRange(await UntilAsync(trades, i => i.IsRecord)); // A reader that stops loses nothing.
        var malformed = items.Select(i => i.Event).OfType<MalformedFrame>().ShouldHaveSingleItem();
        (malformed.Key, malformed.Error.Record, trades.Malformed).ShouldBe(("005930", 1, 1));
        items.Where(i => i.IsRecord).Select(i => i.Record.SellVolume).ShouldBe([1, 3]);
    }

    [Fact]
    public async Task A_record_cannot_be_read_once_the_next_frame_was()
    {
        await using var server = await ScriptedServer.StartAcknowledgingAsync(1, async socket =>
        {
            for (var i = 0; i < 2; i++)
                await ScriptedServer.SendAsync(socket, $"0|H0UNPGM0|001|005930^092237^{i}{Rest}");
        });
        await using var client = await KisFeedClient.ConnectAsync(server.Options);
        await using var tap = client.OpenRecordTap();
        await tap.AddAsync(ProgramTrade.Consolidated, "005930");
        var items = await TakeAsync(tap.ReadAllAsync(), 5);
        items.Select(i => i.IsRecord).ShouldBe([false, false, false, true, true]);
        items[4].TryGet(out ProgramTrade second).ShouldBeTrue();
        second.SellVolume.ShouldBe(1);
        Should.Throw<InvalidOperationException>(() => items[3].TryGet(out ProgramTrade _)).Message.ShouldContain("copy");
    }

    [Fact]
    public async Task A_tap_has_one_reader_and_one_type_for_a_feed()
    {
        await using var server = await StartAsync();
        await using var client = await KisFeedClient.ConnectAsync(OptionsFor(server));
        await using var tap = client.OpenRecordTap();
        await tap.AddAsync(IndexTrade.Feed, "0001");
        await Should.ThrowAsync<InvalidOperationException>(() => tap.AddAsync(new Feed<ProgramTrade>(IndexTrade.Feed.Schema), "1001"));
        await using var reader = tap.ReadAllAsync(TestContext.Current.CancellationToken)
            .GetAsyncEnumerator(TestContext.Current.CancellationToken);
        (await reader.MoveNextAsync()).ShouldBeTrue();
        await Should.ThrowAsync<InvalidOperationException>(async () => await TakeAsync(tap.ReadAllAsync(), 1));
    }

    [Fact]
    public async Task A_full_queue_drops_whole_frames_and_reports_a_gap_for_each_key()
    {
        const int Frames = 1_000;
        await using var server = await ScriptedServer.StartAcknowledgingAsync(2, async socket =>
        {
            for (var i = 0; i < Frames; i++)
                await ScriptedServer.SendAsync(socket, $"0|H0UNPGM0|002|005930^092237^{i}{Rest}^000660^092237^{i}{Rest}");
        });
        await using var client = await KisFeedClient.ConnectAsync(server.Options);
        await using var tap = client.OpenRecordTap(new FrameTapOptions { Capacity = 10 });
        await tap.AddAsync(ProgramTrade.Consolidated, ["005930", "000660"]);
        while (tap.Received < Frames)
            await Task.Yield();
        await tap.DisposeAsync();
        var records = 0L;
        var missing = 0L;
        await foreach (var item in tap.ReadAllAsync(TestContext.Current.CancellationToken))
        {
            records += item.TryGet(out ProgramTrade _) ? 1 : 0;
            missing += item.Event is Gap gap ? gap.Frames!.Value : 0;
        }

        (records, missing, tap.Dropped).ShouldBe((2 * (Frames - tap.Dropped), 2 * tap.Dropped, Frames - 10));
    }

    private static string Index(string code, int total, int own) =>
        $"{code}^092237^2500^2^1^{total}^1^{own}^1^0.1{string.Concat(Enumerable.Repeat("^1", 20))}";

    private static async Task<List<FeedItem<T>>> UntilAsync<T>(KeysSubscription<T> subscription, Func<FeedItem<T>, bool> isLast)
        where T : struct, IFeedRecord<T>
    {
        using var timeout = new CancellationTokenSource(Patience.Limit);
        var items = new List<FeedItem<T>>();
        await foreach (var item in subscription.ReadItemsAsync(timeout.Token))
        {
            items.Add(item);
            if (isLast(item))
                break;
        }

        return items;
    }
}
