using KisFeed.Capture;
using KisFeed.Simulator.Replay;

namespace KisFeed.Simulator.Tests.Replay;

/// <summary>A KisFeed client of a replay receives the gaps and the end of the capture.</summary>
public sealed class ReplayedGapTests : IDisposable
{
    private const string Index = "H0UPCNT0";

    private readonly CaptureFolder _folder = new();

    public void Dispose() => _folder.Dispose();

    [Fact]
    public async Task Gaps_of_a_capture_are_delivered_in_sequence_and_the_end_is_reported()
    {
        using (var writer = _folder.Write())
        {
            writer.Write(Index, Ticks.Index(0, "0001"), Ticks.Opening);
            writer.Write(Index, Ticks.Index(1, "1001"), Ticks.Opening.AddMilliseconds(1));
            writer.Write(new CaptureEvent
            {
                Kind = CaptureEventKind.Interrupted,
                TrId = Index,
                Key = "0001",
                At = Ticks.Opening.AddMilliseconds(2),
                Reason = GapReason.Silence,
            });
            writer.Write(new CaptureEvent
            {
                Kind = CaptureEventKind.Gap,
                TrId = Index,
                Key = "0001",
                At = Ticks.Opening.AddMilliseconds(8),
                From = Ticks.Opening,
                To = Ticks.Opening.AddMilliseconds(9),
                Reason = GapReason.Silence,
            });
            writer.Write(Index, Ticks.Index(2, "0001"), Ticks.Opening.AddMilliseconds(9));
            writer.Close();
        }

        await using var server = await ReplayServer.StartAsync(
            new ReplayOptions { Capture = CaptureReader.Open(_folder.Path), Speed = ReplaySpeed.Unlimited, Wait = 2 });
        await using var client = await Clients.ConnectAsync(server.WebSocketUrl);
        await using var tap = client.OpenTap();
        await tap.AddAsync(IndexTrade.Feed.Schema, "0001");
        await tap.AddAsync(IndexTrade.Feed.Schema, "1001");

        List<string> seen = [];
        using var timeout = new CancellationTokenSource(Patience.Limit);
        while (!seen.Contains("end") && await tap.WaitToReadAsync(timeout.Token))
        {
            while (tap.TryRead(out var item))
            {
                var text = item.Event switch
                {
                    null => "frame",
                    Interruption interruption => $"interruption {item.Key} {interruption.Reason}",
                    Gap gap => $"gap {item.Key} {gap.Reason} "
                        + $"{(gap.From - Ticks.Opening)!.Value.TotalMilliseconds}-{(gap.To - Ticks.Opening)!.Value.TotalMilliseconds}",
                    DataEnded => "end",
                    _ => null,
                };
                if (text is not null)
                    seen.Add(text);
            }
        }

        seen.ShouldBe(["frame", "frame", "interruption 0001 Silence", "gap 0001 Silence 0-9", "frame", "end"]);
        client.Sessions.ShouldHaveSingleItem().Source.ShouldBe(DataSource.Replay);
    }

    [Fact]
    public async Task A_KisFeed_client_reports_why_its_address_was_refused()
    {
        using (var writer = _folder.Write())
        {
            writer.Write(Index, Ticks.Index(0, "0001"), Ticks.Opening);
            writer.Close();
        }

        await using var server = await ReplayServer.StartAsync(new ReplayOptions { Capture = CaptureReader.Open(_folder.Path) });
        var options = new KisFeedOptions
        {
            AppKey = TestCredentials.NewAppKey(),
            AppSecret = TestCredentials.AppSecret,
            WebSocketUrl = new Uri(server.WebSocketUrl, "/tryitout?speed=빠르게"),
        };

        (await Should.ThrowAsync<ConnectionFailedException>(() => KisFeedClient.ConnectAsync(options))).Message
            .ShouldContain("the parameter speed cannot be '빠르게': there are from and to");
    }

    [Fact]
    public async Task Frames_have_the_day_on_which_they_were_recorded_or_that_was_stated_then()
    {
        using (var writer = _folder.Write())
        {
            // Of a night session and of the next day, and what a simulator had sent in the evening.
            writer.Write(Index, Ticks.Index(0, "0001"), Ticks.Opening.AddHours(17));
            writer.Write(Index, Ticks.Index(1, "0001"), Ticks.Opening.AddHours(22));
            writer.Write(Index, Ticks.Index(2, "0001"), Ticks.Opening.AddHours(37), new DateOnly(2026, 11, 16));
            writer.Close();
        }

        var replay = new ReplayOptions { Capture = CaptureReader.Open(_folder.Path), Speed = ReplaySpeed.Unlimited, Wait = 1 };
        await using var server = await ReplayServer.StartAsync(replay);
        await using var client = await Clients.ConnectAsync(server.WebSocketUrl);
        await using var index = await client.SubscribeAsync(IndexTrade.Feed, "0001");

        var times = new List<DateTimeOffset?>();
        await foreach (var trade in index.ReadAllAsync())
        {
            times.Add(trade.Timestamp);
            if (times.Count == 3)
                break;
        }

        times.ShouldBe([At(20), At(21), At(16)]);

        static DateTimeOffset? At(int day) => new DateTimeOffset(2026, 11, day, 9, 12, 40, KoreaTime.Offset);
    }

    [Fact]
    public async Task A_client_that_requests_events_shares_the_clock()
    {
        using (var writer = _folder.Write())
        {
            writer.Write(Index, Ticks.Index(0, "0001"), Ticks.Opening);
            writer.Close();
        }

        await using var server = await ReplayServer.StartAsync(
            new ReplayOptions { Capture = CaptureReader.Open(_folder.Path), Speed = ReplaySpeed.Unlimited, Wait = 2 });
        await using var withEvents = await FeedClient.ConnectAsync(server.WebSocketUrl, path: "/tryitout?events=1");
        await using var other = await FeedClient.ConnectAsync(server.WebSocketUrl);
        (await withEvents.ReceiveControlAsync()).ShouldBe("""{"kisfeed":{"event":"source","source":"replay"}}""");
        (await withEvents.RegisterAsync(Index, "0001")).IsSuccess.ShouldBeTrue();
        (await other.RegisterAsync(Index, "0001")).IsSuccess.ShouldBeTrue();

        (await withEvents.ReceiveControlAsync()).ShouldBe("""{"kisfeed":{"event":"source","source":"replay","day":"2026-11-20"}}""");
        (await other.ReceiveFrameAsync()).ShouldBe(await withEvents.ReceiveFrameAsync());
        (await withEvents.ReceiveControlAsync()).ShouldBe("""{"kisfeed":{"event":"end"}}""");
    }
}
