using System.Net.WebSockets;
using KisFeed.Client;
using static KisFeed.Tests.Client.Simulation;

namespace KisFeed.Tests.Client;

public sealed class FrameTapTests
{
    private const string Rest = "^092237^1^2^3^4^2^2^5^6^1";

    private static readonly ReconnectPolicy s_quick = new()
    {
        InitialDelay = TimeSpan.FromMilliseconds(1),
        AppKeyInUseDelay = TimeSpan.FromMilliseconds(20),
        AttemptsPerMinute = 1000,
        AttemptsPerHour = 1000,
    };

    [Fact]
    public async Task Each_frame_is_delivered_once_and_in_order_for_any_mix_of_keys_and_subscriptions()
    {
        const int Frames = 2_000;
        var seed = TestRun.Seed;
        var random = new Random(seed);
        string[] keys = ["000660", "005380", "005930", "035420"];
        var sent = new List<string>();
        for (var i = 0; i < Frames; i++)
        {
            var owners = keys.Where(_ => random.Next(2) == 0).DefaultIfEmpty("005930")
                .SelectMany(k => Enumerable.Repeat(k, random.Next(1, 3))).ToArray();
            random.Shuffle(owners);
            sent.Add($"0|{(random.Next(2) == 0 ? "H0UNPGM0" : "H0NXPGM0")}|{owners.Length:D3}|"
                + $"{string.Join('^', owners.Select(k => $"{k}^{i}^1^2^3^4^2^2^5^6^1"))}");
        }

        await using var server = await ScriptedServer.StartAcknowledgingAsync(8, async socket =>
        {
            foreach (var frame in sent)
                await ScriptedServer.SendAsync(socket, frame);
        });
        await using var client = await KisFeedClient.ConnectAsync(server.Options);
        await using var tap = client.OpenTap();
        await using var samsung = await client.SubscribeAsync(ProgramTrade.Consolidated.Schema, "005930");
        foreach (var key in keys)
            await tap.AddAsync(ProgramTrade.Consolidated.Schema, key);
        foreach (var key in keys)
            await tap.AddAsync(ProgramTrade.Nxt.Schema, key);

        List<FrameItem> items = [.. (await TakeAsync(tap.ReadAllAsync(), 9 + 8 + Frames)).Where(i => i.Event is not FirstFrame)];
        items.Take(9).Select(i => i.Event!.GetType())
            .ShouldBe([typeof(SessionConnected), .. Enumerable.Repeat(typeof(RegistrationConfirmed), 8)]);
        items.Skip(1).Take(8).Select(i => (i.TrId, i.Key))
            .ShouldBe([.. keys.Select(k => ("H0UNPGM0", k)), .. keys.Select(k => ("H0NXPGM0", k))]);
        items.Skip(9).Select(TextOf).ShouldBe(sent, $"seed {seed}");
        items.Skip(9).ShouldAllBe(i => i.TrId == i.Feed!.TrId && TextOf(i).Contains(i.TrId!) && i.Key == null);
        var ofSamsung = sent.Where(f => f.Contains("H0UNPGM0", StringComparison.Ordinal) && f.Contains("005930^", StringComparison.Ordinal))
            .ToArray();
        (await TakeAsync(samsung.ReadAllAsync(), ofSamsung.Length)).Select(i => Encoding.UTF8.GetString(i.Frame.Bytes.Span))
            .ShouldBe(ofSamsung);
        (tap.Received, tap.Dropped, tap.Malformed, tap.QueueDepth).ShouldBe((Frames, 0, 0, 0));
    }

    [Fact]
    public async Task A_lost_connection_and_its_recovery_are_reported_in_sequence()
    {
        var connections = 0;
        await using var server = await ScriptedServer.StartAsync(async socket =>
        {
            var number = ++connections;
            await ScriptedServer.AcknowledgeAsync(socket);
            await ScriptedServer.AcknowledgeAsync(socket);
            await ScriptedServer.SendAsync(socket, $"0|H0UNPGM0|002|005930{Rest}^000660{Rest}");
            if (number == 1)
                await socket.CloseOutputAsync(WebSocketCloseStatus.EndpointUnavailable, "maintenance", CancellationToken.None);
            else
                await ScriptedServer.ReceiveAsync(socket);
        });
        await using var client = await KisFeedClient.ConnectAsync(server.Options with { Reconnect = s_quick });
        await using var tap = client.OpenTap();
        await Task.WhenAll(
            tap.AddAsync(ProgramTrade.Consolidated.Schema, "005930"), tap.AddAsync(ProgramTrade.Consolidated.Schema, "000660"));
        var items = await TakeAsync(tap.ReadAllAsync(), 15);
        items.Select(NameOf).ShouldBe(
        [
            "SessionConnected", "RegistrationConfirmed 005930", "RegistrationConfirmed 000660", "FirstFrame 005930", "FirstFrame 000660",
            "frame",
            "Interruption 005930", "Interruption 000660", "SessionLost", "SessionConnected", "RegistrationConfirmed 005930",
            "RegistrationConfirmed 000660",
            "Gap 005930", "Gap 000660", "frame",
        ]);
        items[8].Event.ShouldBeOfType<SessionLost>().Problem.ShouldContain("maintenance");
        foreach (var (gap, key) in items.GetRange(12, 2).Select(i => (Gap)i.Event!).Zip(["005930", "000660"]))
        {
            gap.ShouldBe(new Gap
            {
                Feed = ProgramTrade.Consolidated.Schema,
                Key = key,
                Reason = GapReason.ConnectionLost,
                From = items[5].Frame.ReceivedAt,
                To = items[14].Frame.ReceivedAt,
            });
        }
    }

    [Fact]
    public async Task A_refusal_is_thrown_and_reported_and_leaves_no_registration()
    {
        await using var server = await StartAsync();
        await using var client = await KisFeedClient.ConnectAsync(OptionsFor(server) with { MaxRegistrations = 2 });
        await using var tap = client.OpenTap();
        await tap.AddAsync(IndexTrade.Feed.Schema, "0001");
        var thrown = await Should.ThrowAsync<SubscribeRefusedException>(() => tap.AddAsync(BondTrade.Feed.Schema, "nonsense"));
        await tap.AddAsync(IndexTrade.Feed.Schema, "1001");
        await Should.ThrowAsync<RegistrationLimitException>(() => tap.AddAsync(IndexTrade.Feed.Schema, "2001"));
        await tap.DisposeAsync();
        var items = await TakeAsync(tap.ReadAllAsync(), int.MaxValue);
        var refused = items.Single(i => i.Event is RegistrationRefused);
        (refused.TrId, refused.Key).ShouldBe(("H0BJCNT0", "nonsense"));
        var refusal = (RegistrationRefused)refused.Event!;
        (refusal.Code, refusal.BrokerText, refusal.Problem).ShouldBe((thrown.Code, thrown.BrokerText, thrown.Message));
        items.Where(i => i.Event is RegistrationReleased).Select(i => i.Key).ShouldBe(["0001", "1001"]);
        client.Registrations.ShouldBeEmpty();
    }

    [Fact]
    public async Task Dropped_frames_equal_the_gaps_and_do_not_affect_a_parallel_subscription()
    {
        const int Frames = 3_000;
        await using var server = await ScriptedServer.StartAcknowledgingAsync(2, async socket =>
        {
            for (var i = 0; i < Frames; i++)
            {
                await ScriptedServer.SendAsync(
                    socket,
                    i % 3 == 0
                        ? $"0|H0UNPGM0|002|005930{Rest}^000660{Rest}"
                        : $"0|H0UNPGM0|001|{(i % 3 == 1 ? "005930" : "000660")}{Rest}");
            }
        });
        await using var client = await KisFeedClient.ConnectAsync(server.Options);
        var tap = client.OpenTap(new FrameTapOptions { Capacity = 10 });
        await tap.AddAsync(ProgramTrade.Consolidated.Schema, "005930");
        await using var subscription = await client.SubscribeAsync(ProgramTrade.Consolidated.Schema, "005930");
        await tap.AddAsync(ProgramTrade.Consolidated.Schema, "000660");
        var seen = 0;
        await foreach (var item in subscription.ReadAllAsync())
        {
            item.IsFrame.ShouldBeTrue();
            if (++seen == Frames * 2 / 3)
                break;
        }

        // The last frame does not belong to the subscription.
        while (tap.Received < Frames)
            await Task.Delay(1);
        await tap.DisposeAsync();
        var items = await TakeAsync(tap.ReadAllAsync(), int.MaxValue);
        foreach (var key in new[] { "005930", "000660" })
        {
            items.Sum(i => i.IsFrame ? TextOf(i).Contains(key, StringComparison.Ordinal) ? 1 : 0
                : i.Key == key ? (i.Event as Gap)?.Frames ?? 0
                : 0)
                .ShouldBe(Frames * 2 / 3, key);
        }
        (items.Count(i => i.IsFrame) + tap.Dropped).ShouldBe(Frames);
        tap.Dropped.ShouldBeGreaterThanOrEqualTo(Frames - 20);
    }

    [Fact]
    public async Task A_malformed_frame_is_delivered_once_with_its_bytes_and_its_feed()
    {
        string[] sent = ["0|H0UNPGM0|x|y", "0|H0XXXXX0|001|a^b", "nonsense", $"0|H0UNPGM0|001|005930{Rest}"];
        await using var server = await ScriptedServer.StartAcknowledgingAsync(3, async socket =>
        {
            foreach (var text in sent)
                await ScriptedServer.SendAsync(socket, text);
        });
        await using var client = await KisFeedClient.ConnectAsync(server.Options);
        await using var tap = client.OpenTap();
        await tap.AddAsync(ProgramTrade.Consolidated.Schema, "005930");
        await tap.AddAsync(ProgramTrade.Consolidated.Schema, "000660");
        await tap.AddAsync(ProgramTrade.Nxt.Schema, "005930");
        var items = (await TakeAsync(tap.ReadAllAsync(), 8)).Skip(4).ToList();
        items.Take(3).Select(i => Encoding.UTF8.GetString(((MalformedFrame)i.Event!).Raw.Span)).ShouldBe(sent.Take(3));
        items.Select(i => i.TrId).ShouldBe([null, "H0XXXXX0", null, "H0UNPGM0"]);
        items.Select(i => i.Feed?.TrId).ShouldBe([null, null, null, "H0UNPGM0"]);
        (tap.Received, tap.Malformed).ShouldBe((4, 3));
    }

    [Fact]
    public async Task Frames_can_be_read_without_events()
    {
        await using var server = await ScriptedServer.StartAcknowledgingAsync(1, async socket =>
        {
            await ScriptedServer.SendAsync(socket, $"0|H0UNPGM0|001|005930{Rest}");
            await ScriptedServer.SendAsync(socket, "0|H0UNPGM0|001|005930^");
            await ScriptedServer.SendAsync(socket, $"0|H0UNPGM0|002|005930{Rest}^000660{Rest}");
        });
        await using var client = await KisFeedClient.ConnectAsync(server.Options);
        await using var tap = client.OpenTap();
        await tap.AddAsync(ProgramTrade.Consolidated.Schema, "005930");

        var frames = await TakeAsync(tap.ReadFramesAsync(), 2);

        frames.Select(frame => Encoding.UTF8.GetString(frame.Bytes.Span))
            .ShouldBe([$"0|H0UNPGM0|001|005930{Rest}", $"0|H0UNPGM0|002|005930{Rest}^000660{Rest}"]);
    }

    [Fact]
    public async Task Removing_a_key_keeps_the_registration_of_other_subscribers()
    {
        await using var server = await StartAsync(rate: 200);
        await using var client = await KisFeedClient.ConnectAsync(OptionsFor(server));
        await using var index = await client.SubscribeAsync(IndexTrade.Feed, "0001");
        await using var tap = client.OpenTap();
        await using var other = client.OpenTap();
        await tap.AddAsync(IndexTrade.Feed.Schema, "0001");
        await other.AddAsync(IndexTrade.Feed.Schema, "0001");
        (await TakeAsync(tap.ReadAllAsync(), 4)).Select(NameOf)
            .ShouldBe(["SessionConnected", "RegistrationConfirmed 0001", "FirstFrame 0001", "frame"]);
        client.Registrations.Single().Subscribers.ShouldBe(3);
        await Should.ThrowAsync<InvalidOperationException>(() => tap.AddAsync(IndexTrade.Feed.Schema, "0001"));
        await tap.RemoveAsync(IndexTrade.Feed.Schema, "0001");
        await tap.RemoveAsync(IndexTrade.Feed.Schema, "0001");
        client.Registrations.Single().Subscribers.ShouldBe(2);
        var received = tap.Received;
        await TakeAsync(index.ReadAllAsync(), 50);
        tap.Received.ShouldBe(received);
        await tap.AddAsync(IndexTrade.Feed.Schema, "0001");
        await other.DisposeAsync();
        await index.DisposeAsync();
        client.Registrations.Single().Subscribers.ShouldBe(1);
        await tap.DisposeAsync();
        client.Registrations.ShouldBeEmpty();
        (await TakeAsync(tap.ReadAllAsync(), int.MaxValue)).Where(i => i is { IsFrame: false, Event: not FirstFrame }).Select(NameOf)
            .ShouldBe(["RegistrationReleased 0001", "RegistrationConfirmed 0001", "RegistrationReleased 0001"]);
    }

    [Fact]
    public async Task A_permanent_loss_ends_a_tap_after_all_its_registrations()
    {
        await using var server = await ScriptedServer.StartAsync(async socket =>
        {
            await ScriptedServer.AcknowledgeAsync(socket);
            await ScriptedServer.AcknowledgeAsync(socket);
            await ScriptedServer.SendAsync(socket, $"0|H0UNPGM0|001|005930{Rest}");
            await socket.CloseOutputAsync(WebSocketCloseStatus.EndpointUnavailable, "maintenance", CancellationToken.None);
        });
        await using var client = await KisFeedClient.ConnectAsync(server.Options);
        await using var tap = client.OpenTap();
        await Task.WhenAll(
            tap.AddAsync(ProgramTrade.Consolidated.Schema, "005930"), tap.AddAsync(ProgramTrade.Consolidated.Schema, "000660"));
        var names = new List<string>();
        var error = await Should.ThrowAsync<ConnectionLostException>(async () =>
        {
            await foreach (var item in tap.ReadAllAsync())
                names.Add(NameOf(item));
        });
        names.Skip(3).ShouldBe(
            [
                "FirstFrame 005930", "frame", "Interruption 005930", "Interruption 000660", "SessionLost", "Gap 005930",
                "RegistrationRefused 005930", "Gap 000660", "RegistrationRefused 000660",
            ]);
        error.Message.ShouldContain("maintenance");
        await Should.ThrowAsync<ConnectionLostException>(() => tap.AddAsync(ProgramTrade.Consolidated.Schema, "005930"));
        await using var late = client.OpenTap();
        await Should.ThrowAsync<ConnectionLostException>(async () => await late.WaitToReadAsync());
    }

    [Fact]
    public async Task Disposing_the_client_ends_a_tap_after_its_queued_items()
    {
        await using var server = await StartAsync();
        var client = await KisFeedClient.ConnectAsync(OptionsFor(server));
        await using var tap = client.OpenTap();
        await tap.AddAsync(IndexTrade.Feed.Schema, "0001");
        while (tap.QueueDepth < 5)
            await Task.Delay(1);
        await client.DisposeAsync();
        var items = await TakeAsync(tap.ReadAllAsync(), int.MaxValue);
        ((long)items.Count(i => i.IsFrame)).ShouldBe(tap.Received);
        NameOf(items[^1]).ShouldBe("RegistrationReleased 0001");
        await Should.ThrowAsync<ObjectDisposedException>(() => tap.AddAsync(IndexTrade.Feed.Schema, "1001"));
        Should.Throw<ObjectDisposedException>(() => client.OpenTap());
    }

    [Fact]
    public async Task Disposing_a_tap_cancels_pending_registrations()
    {
        var requested = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        await using var server = await ScriptedServer.StartAsync(async socket =>
        {
            await ScriptedServer.ReceiveAsync(socket);
            requested.SetResult();
            await ScriptedServer.ReceiveAsync(socket);
        });
        await using var client = await KisFeedClient.ConnectAsync(server.Options);
        var tap = client.OpenTap();
        var adding = tap.AddAsync(IndexTrade.Feed.Schema, "0001");
        using var cancellation = new CancellationTokenSource();
        var cancelled = tap.AddAsync(IndexTrade.Feed.Schema, "1001", cancellation.Token);
        await requested.Task;
        await cancellation.CancelAsync();
        await Should.ThrowAsync<OperationCanceledException>(cancelled);
        await tap.DisposeAsync();
        await Should.ThrowAsync<ObjectDisposedException>(adding);
        await Should.ThrowAsync<ObjectDisposedException>(() => tap.AddAsync(IndexTrade.Feed.Schema, "0001"));
        await Should.ThrowAsync<OperationCanceledException>(() => tap.AddAsync(IndexTrade.Feed.Schema, "0001", cancellation.Token));
        client.Registrations.ShouldAllBe(r => r.Subscribers == 0);
        (await TakeAsync(tap.ReadAllAsync(), int.MaxValue)).Select(NameOf).ShouldBe(["SessionConnected"]);
    }

    [Fact]
    public async Task The_bytes_of_an_item_are_valid_until_the_next_read()
    {
        await using var server = await ScriptedServer.StartAcknowledgingAsync(1, async socket =>
        {
            for (var i = 0; i < 3; i++)
                await ScriptedServer.SendAsync(socket, $"0|H0UNPGM0|001|005930^09000{i}^1^2^3^4^2^2^5^6^1");
        });
        await using var client = await KisFeedClient.ConnectAsync(server.Options);
        await using var tap = client.OpenTap();
        await tap.AddAsync(ProgramTrade.Consolidated.Schema, "005930");
        var texts = new List<string>();
        while (texts.Count < 3 && await tap.WaitToReadAsync())
        {
            while (tap.TryRead(out var item))
            {
                if (item.IsFrame)
                    texts.Add(TextOf(item));
            }
        }

        texts.Select(t => t[^24..]).ShouldBe(Enumerable.Range(0, 3).Select(i => $"09000{i}^1^2^3^4^2^2^5^6^1"));
    }

    [Fact]
    public async Task Options_out_of_range_are_rejected_by_name()
    {
        await using var server = await StartAsync();
        await using var client = await KisFeedClient.ConnectAsync(OptionsFor(server));
        Should.Throw<KisFeedConfigurationException>(() => client.OpenTap(new FrameTapOptions { Capacity = 0 })).Message
            .ShouldContain("FrameTapOptions.Capacity");
        Should.Throw<KisFeedConfigurationException>(() => client.OpenTap(new FrameTapOptions { MaxBytes = 0 })).Message
            .ShouldContain("FrameTapOptions.MaxBytes");
    }

    private static string TextOf(FrameItem item) => Encoding.UTF8.GetString(item.Frame.Bytes.Span);

    private static string NameOf(FrameItem item) => item.IsFrame ? "frame" : $"{item.Event!.GetType().Name} {item.Key}".TrimEnd();

    /// <summary>A source that has one lock for everything ends registrations under it, while others are being added.</summary>
    [Fact]
    public async Task A_registration_can_end_while_another_is_being_added()
    {
        var source = new EndingSource();
        await using var tap = new FrameTap(
            source,
            new TapQueue(new FrameTapOptions(), new ReceiveClock(TimeProvider.System)),
            KisFeeds.Catalog,
            KisEnvironment.Production);
        await tap.AddAsync(IndexTrade.Feed.Schema, "0001");
        await tap.AddAsync(IndexTrade.Feed.Schema, "1001");
        source.HasWaited.ShouldBeFalse();
    }

    /// <summary>Ends the registrations that it has before it answers with the totals.</summary>
    private sealed class EndingSource : ITapSource
    {
        private readonly FeedTotals _totals = new();
        private readonly List<IFrameReceiver> _receivers = [];

        /// <summary>Whether a registration could not end.</summary>
        public bool HasWaited { get; private set; }

        public FeedTotals TotalsOf(FeedSchema feed)
        {
            foreach (var receiver in _receivers)
            {
                var ending = new Thread(() => receiver.Complete(null)) { IsBackground = true };
                ending.Start();
                HasWaited |= !ending.Join(TimeSpan.FromSeconds(5));
            }

            return _totals;
        }

        public Task<ISubscriptionSource> AttachAsync(
            FeedSchema feed, string key, IFrameReceiver receiver, int priority, CancellationToken cancellationToken)
        {
            _receivers.Add(receiver);
            return Task.FromResult<ISubscriptionSource>(null!);
        }

        public void Complete(IFrameReceiver receiver, Exception error) => receiver.Complete(error);

        public Task CloseTapAsync(TapQueue tap, IReadOnlyCollection<ISubscriptionSource> attached) => Task.CompletedTask;
    }
}
