using System.Collections.Concurrent;
using System.Net.WebSockets;

namespace KisFeed.Tests.Client;

/// <summary>Events name the feed and the key to which they belong.</summary>
public sealed class EventNameTests
{
    private const string Rest = "^092237^1^2^3^4^2^2^5^6^1";

    // 09:12:40.123 in Korea.
    private static readonly DateTimeOffset s_at = new(2026, 11, 20, 0, 12, 40, 123, TimeSpan.Zero);

    [Fact]
    public async Task Every_event_of_a_subscription_has_the_feed_and_the_key()
    {
        var connections = 0;
        await using var server = await ScriptedServer.StartAsync(async socket =>
        {
            var number = ++connections;
            await ScriptedServer.AcknowledgeAsync(socket);
            await ScriptedServer.AcknowledgeAsync(socket);
            await ScriptedServer.SendAsync(socket, $"0|H0UNPGM0|002|005930{Rest}^000660{Rest}");
            if (number == 1)
            {
                await socket.CloseOutputAsync(WebSocketCloseStatus.EndpointUnavailable, "maintenance", CancellationToken.None);
                return;
            }

            await ScriptedServer.SendAsync(socket, "0|H0UNPGM0|002|005930^broken");
            await ScriptedServer.ReceiveAsync(socket);
        });
        var reconnect = new ReconnectPolicy
        {
            InitialDelay = TimeSpan.FromMilliseconds(1),
            AppKeyInUseDelay = TimeSpan.FromMilliseconds(20),
            AttemptsPerMinute = 1000,
            AttemptsPerHour = 1000,
        };
        await using var client = await KisFeedClient.ConnectAsync(server.Options with { Reconnect = reconnect });
        var events = new ConcurrentQueue<FeedEvent>();
        var all = new TaskCompletionSource();
        string[] keys = ["005930", "000660"];
        await Task.WhenAll(keys.Select(k => client.SubscribeAsync(ProgramTrade.Consolidated, k, (in ProgramTrade _) => { }, OnEvent)));
        await all.Task.WaitAsync(Patience.Limit);

        foreach (var key in keys)
        {
            var own = events.Where(e => e.Key == key).ToArray();
            own.Select(e => e.GetType()).ShouldBe([typeof(Interruption), typeof(Gap), typeof(MalformedFrame)]);
            own.ShouldAllBe(e => e.TrId == "H0UNPGM0" && e.Feed == ProgramTrade.Consolidated.Schema);
        }

        void OnEvent(FeedEvent feedEvent)
        {
            events.Enqueue(feedEvent);
            if (events.Count == 6)
                all.TrySetResult();
        }
    }

    [Fact]
    public void The_text_of_an_event_has_feed_key_and_Korean_time_to_the_millisecond()
    {
        var gap = new Gap
        {
            Feed = IndexTrade.Feed.Schema,
            Key = "0001",
            Reason = GapReason.ConnectionLost,
            From = s_at,
            To = s_at.AddMilliseconds(1500),
            Frames = 2,
            MissedVolume = 1234,
        };
        gap.ToString().ShouldBe("Gap { H0UPCNT0 0001: ConnectionLost from 2026-11-20 09:12:40.123 KST to 2026-11-20 09:12:41.623 KST, "
            + "2 frames dropped, missed volume 1234 }");
        new Gap { Feed = IndexTrade.Feed.Schema, Key = "0001", Reason = GapReason.Silence }.ToString()
            .ShouldBe("Gap { H0UPCNT0 0001: Silence }");
        new Interruption { Feed = BondTrade.Feed.Schema, Key = "KR103502GA34", At = s_at, Reason = GapReason.Silence }.ToString()
            .ShouldBe("Interruption { H0BJCNT0 KR103502GA34: Silence at 2026-11-20 09:12:40.123 KST }");
        new SessionLost { At = s_at, Session = "main", Problem = "it broke" }.ToString()
            .ShouldBe("SessionLost { session main at 2026-11-20 09:12:40.123 KST: it broke }");
    }

    [Fact]
    public void The_text_of_an_event_has_no_HTS_ID_and_no_frame_content()
    {
        var notices = OrderNotice.Feed.Schema;
        new Interruption
        {
            Feed = IndexTrade.Feed.Schema,
            Key = "PSabcdefghijklmnopqrstuvwxyz01234567",
            At = s_at,
            Reason = GapReason.Silence,
        }
            .ToString()
            .ShouldBe("Interruption { H0UPCNT0: Silence at 2026-11-20 09:12:40.123 KST }", "an app key in the wrong place");
        new Interruption { Feed = notices, Key = "myhtsid", At = s_at, Reason = GapReason.Silence }.ToString().ShouldNotContain("myhtsid");
        var malformed =
            new MalformedFrame
            {
                Feed = notices,
                Key = "myhtsid",
                Error = new FrameError(FrameErrorKind.InvalidCount, 3),
                Raw = "1|H0IFCNI0|x|secret"u8.ToArray(),
                ReceivedAt = s_at,
            }
                .ToString();
        malformed.ShouldStartWith("MalformedFrame { H0IFCNI0: ");
        malformed.ShouldEndWith(", at 2026-11-20 09:12:40.123 KST }");
        malformed.ShouldNotContain("secret");
    }
}
