using System.Collections.Concurrent;
using KisFeed.Wire.Control;

namespace KisFeed.Tests.Client;

/// <summary>Events that a KisFeed server sends in addition to the broker's protocol, as a client receives them.</summary>
public sealed class ServerEventTests
{
    private const string Offer = """{"approval_key":"11111111-2222-3333-4444-555555555555","kisfeed":{"events":1}}""";

    private const string Frame = "0|H0UPCNT0|001|0001^091240^2624.54^2^32.68^1^1650684^10^10335^1.26^2615.72^2624.82^2610.00^23.86^2^32.96^"
        + "2^18.14^2^0.92^1.27^0.70^0^670^72^177^0^0^0^19";

    private static readonly DateTimeOffset s_at = new(2026, 11, 20, 9, 0, 0, TimeSpan.FromHours(9));

    [Theory]
    [InlineData(Offer, "?events=1")]
    [InlineData("""{"approval_key":"11111111-2222-3333-4444-555555555555","kisfeed":{"events":2,"more":true}}""", "?events=1")]
    [InlineData("""{"approval_key":"11111111-2222-3333-4444-555555555555"}""", "")]
    [InlineData("""{"approval_key":"11111111-2222-3333-4444-555555555555","kisfeed":{"events":0}}""", "")]
    [InlineData("""{"approval_key":"11111111-2222-3333-4444-555555555555","kisfeed":{"events":"1"}}""", "")]
    [InlineData("""{"approval_key":"11111111-2222-3333-4444-555555555555","kisfeed":1}""", "")]
    public async Task A_client_requests_events_only_from_servers_that_offer_them(string approval, string query)
    {
        var queries = new ConcurrentQueue<string>();
        await using var server = await ScriptedServer.StartAsync(
            ScriptedServer.ReceiveAsync, approval, request => queries.Enqueue($"{request.Path}{request.QueryString}"));
        await using var client = await KisFeedClient.ConnectAsync(server.Options);

        queries.ShouldBe(["/oauth2/Approval", $"/tryitout{query}"]);
    }

    [Fact]
    public async Task The_query_of_the_address_is_preserved()
    {
        var queries = new ConcurrentQueue<string>();
        await using var server = await ScriptedServer.StartAsync(
            ScriptedServer.ReceiveAsync, Offer, request => queries.Enqueue($"{request.Path}{request.QueryString}"));
        await using var client = await KisFeedClient.ConnectAsync(
            server.Options with { WebSocketUrl = new Uri(server.Url, "/tryitout?speed=max&wait=1") });

        queries.Last().ShouldBe("/tryitout?speed=max&wait=1&events=1");
    }

    [Theory]
    [InlineData(Offer, new[] { "interruption ConnectionLost", "gap ConnectionLost 7", "0001", "malformed" })]
    [InlineData("""{"approval_key":"11111111-2222-3333-4444-555555555555"}""", new[] { "malformed", "malformed", "0001", "malformed" })]
    public async Task Requested_events_become_items_and_unrequested_ones_are_malformed(string approval, string[] expected)
    {
        await using var server = await ScriptedServer.StartAsync(
            async socket =>
            {
                await ScriptedServer.AcknowledgeAsync(socket);
                await ScriptedServer.SendAsync(socket, """{"kisfeed":{"event":"interruption","trId":"H0UPCNT0","key":"0001","at":"2026-11"""
                    + """-20T09:00:00+09:00","reason":"connectionLost"}}""");
                await ScriptedServer.SendAsync(socket, """{"kisfeed":{"event":"gap","trId":"H0UPCNT0","key":"0001","from":"2026-11-20T09:"""
                    + """00:00+09:00","to":"2026-11-20T09:00:01+09:00","reason":"connectionLost","frames":7}}""");
                await ScriptedServer.SendAsync(socket, Frame);
                await ScriptedServer.SendAsync(socket, """{"kisfeed":{"event":"from a later version"}}""");
                await ScriptedServer.ReceiveAsync(socket);
            },
            approval);
        await using var client = await KisFeedClient.ConnectAsync(server.Options);
        await using var index = await client.SubscribeAsync(IndexTrade.Feed, "0001");

        var items = new List<string>();
        await foreach (var item in index.ReadItemsAsync())
        {
            items.Add(item.Event switch
            {
                null => item.Record.Code,
                Interruption interruption => $"interruption {interruption.Reason}",
                Gap gap => $"gap {gap.Reason} {gap.Frames}",
                _ => "malformed",
            });
            if (item.Event is Gap reported)
                (reported.From, reported.To).ShouldBe((s_at, s_at.AddSeconds(1)));
            if (items.Count == expected.Length)
                break;
        }

        items.ShouldBe(expected);
    }

    [Fact]
    public async Task A_late_refusal_ends_the_stream_and_releases_the_registration()
    {
        var released = new TaskCompletionSource<string>(TaskCreationOptions.RunContinuationsAsynchronously);
        await using var server = await ScriptedServer.StartAsync(
            async socket =>
            {
                await ScriptedServer.AcknowledgeAsync(socket);
                await ScriptedServer.SendAsync(
                    socket, """{"kisfeed":{"event":"refused","trId":"H0UPCNT0","key":"0001","code":"OPSP0009","text":"no more"}}""");
                released.SetResult((await ScriptedServer.ReceiveAsync(socket))!);
                await ScriptedServer.ReceiveAsync(socket);
            },
            Offer);
        await using var client = await KisFeedClient.ConnectAsync(server.Options);
        await using var index = await client.SubscribeAsync(IndexTrade.Feed, "0001");

        var refusal = await Should.ThrowAsync<SubscribeRefusedException>(
            async () => await index.ReadAllAsync().GetAsyncEnumerator().MoveNextAsync());

        refusal.Code.Value.ShouldBe("OPSP0009");
        Request.TryParse(Encoding.UTF8.GetBytes(await released.Task.WaitAsync(Patience.Limit)), out var request, out _).ShouldBeTrue();
        request.Type.ShouldBe(RequestType.Release);
    }

    [Theory]
    [InlineData("simulation", DataSource.Simulation)]
    [InlineData("replay", DataSource.Replay)]
    [InlineData("service", DataSource.Service)]
    [InlineData("something new", null)]
    [InlineData("7", null)]
    public async Task The_data_source_is_part_of_the_status(string sent, DataSource? source)
    {
        await using var server = await ScriptedServer.StartAsync(
            async socket =>
            {
                await ScriptedServer.SendAsync(socket, $$$"""{"kisfeed":{"event":"source","source":"{{{sent}}}"}}""");
                await ScriptedServer.AcknowledgeAsync(socket);
                await ScriptedServer.ReceiveAsync(socket);
            },
            Offer);
        await using var client = await KisFeedClient.ConnectAsync(server.Options);
        await using var index = await client.SubscribeAsync(IndexTrade.Feed, "0001");

        client.Sessions.ShouldHaveSingleItem().Source.ShouldBe(source);
    }

    [Fact]
    public async Task Records_have_the_day_that_the_server_states_for_them()
    {
        await using var server = await ScriptedServer.StartAsync(
            async socket =>
            {
                await ScriptedServer.AcknowledgeAsync(socket);
                foreach (var day in (string[])["", ",\"day\":\"2020-01-02\"", ",\"day\":\"2020-01-03\"", ""])
                {
                    await ScriptedServer.SendAsync(socket, $$$"""{"kisfeed":{"event":"source","source":"replay"{{{day}}}}}""");
                    await ScriptedServer.SendAsync(socket, Frame);
                }

                await ScriptedServer.ReceiveAsync(socket);
            },
            Offer);
        await using var client = await KisFeedClient.ConnectAsync(server.Options);
        await using var index = await client.SubscribeAsync(IndexTrade.Feed, "0001");
        DateOnly?[] days = [null, new(2020, 1, 2), new(2020, 1, 3), null];

        await foreach (var trade in index.ReadAllAsync())
        {
            trade.StatedDay.ShouldBe(days[0]);
            (trade.Timestamp!.Value.Year > 2020).ShouldBe(days[0] is null);
            if (days[0] is { } day)
                trade.Timestamp.ShouldBe(new DateTimeOffset(day.ToDateTime(new TimeOnly(9, 12, 40)), KoreaTime.Offset));
            days = days[1..];
            if (days.Length == 0)
                break;
        }
    }

    [Fact]
    public async Task A_new_connection_has_no_stated_day_until_the_server_states_one()
    {
        var connections = 0;
        await using var server = await ScriptedServer.StartAsync(
            async socket =>
            {
                if (++connections == 1)
                    await ScriptedServer.SendAsync(socket, """{"kisfeed":{"event":"source","source":"replay","day":"2020-01-02"}}""");
                await ScriptedServer.AcknowledgeAsync(socket);
                await ScriptedServer.SendAsync(socket, Frame);
                if (connections > 1)
                    await ScriptedServer.ReceiveAsync(socket);
            },
            Offer);
        var delay = TimeSpan.FromMilliseconds(1);
        var reconnect = ReconnectPolicy.Default with { InitialDelay = delay, AppKeyInUseDelay = delay };
        await using var client = await KisFeedClient.ConnectAsync(server.Options with { Reconnect = reconnect });
        await using var index = await client.SubscribeAsync(IndexTrade.Feed.Schema, "0001");
        var days = new List<DateOnly?>();

        await foreach (var item in index.ReadAllAsync())
        {
            if (item.IsFrame)
                days.Add(item.Frame.StatedDay);
            if (days.Count == 2)
                break;
        }

        days.ShouldBe([new DateOnly(2020, 1, 2), null]);
    }

    [Fact]
    public async Task The_end_of_a_replay_is_reported_to_taps()
    {
        await using var server = await ScriptedServer.StartAsync(
            async socket =>
            {
                await ScriptedServer.AcknowledgeAsync(socket);
                await ScriptedServer.SendAsync(socket, """{"kisfeed":{"event":"end"}}""");
                await ScriptedServer.ReceiveAsync(socket);
            },
            Offer);
        await using var client = await KisFeedClient.ConnectAsync(server.Options);
        await using var tap = client.OpenTap();
        await tap.AddAsync(IndexTrade.Feed.Schema, "0001");

        using var timeout = new CancellationTokenSource(Patience.Limit);
        while (await tap.WaitToReadAsync(timeout.Token))
        {
            while (tap.TryRead(out var item))
            {
                if (item.Event is DataEnded)
                    return;
            }
        }

        Assert.Fail("the event was not reported");
    }
}
