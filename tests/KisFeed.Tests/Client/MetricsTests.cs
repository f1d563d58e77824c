using System.Diagnostics.Metrics;
using System.Net.WebSockets;
using Microsoft.Extensions.DependencyInjection;
using static KisFeed.Tests.Client.Simulation;

namespace KisFeed.Tests.Client;

public sealed class MetricsTests
{
    private const string Record = "005930^092237^1^2^3^4^2^2^5^6^1";
    private const string Other = "000660^092237^1^2^3^4^2^2^5^6^1";
    private const string Unreadable = "005930^0922xx^1^2^3^4^2^2^5^6^1";
    private static readonly (string, object) s_feed = ("kisfeed.feed", "H0UNPGM0");
    private static readonly (string, object) s_session = ("kisfeed.session", "1");

    [Fact]
    public async Task Frames_and_records_are_counted_by_feed_and_session()
    {
        string[] frames =
        [
            $"0|H0UNPGM0|002|{Record}^{Other}",
            $"0|H0UNPGM0|001|{Record}",
            "0|H0UNPGM0|001|005930^1",
            "nonsense",
            "0|H0UPCNT0|003|x",
            $"0|H0UNPGM0|001|{Record}",
        ];
        await using var server = await ScriptedServer.StartAcknowledgingAsync(1, async socket =>
        {
            await ScriptedServer.SendAsync(socket, """{"header":{"tr_id":"PINGPONG","datetime":"20261120093001"}}""");
            (await ScriptedServer.ReceiveAsync(socket)).ShouldNotBeNull().ShouldContain("PINGPONG");
            foreach (var frame in frames)
                await ScriptedServer.SendAsync(socket, frame);
        });
        using var readings = new MeterReadings("received");
        await using var client = await KisFeedClient.ConnectAsync(server.Options with { ClientName = "received" });
        await using var program = await client.SubscribeAsync(ProgramTrade.Consolidated, "005930");
        await TakeAsync(program.ReadAllAsync(), 3);

        readings.Sum("kisfeed.frame.received", s_feed, s_session).ShouldBe(4);
        readings.Sum("kisfeed.frame.bytes", s_feed, s_session).ShouldBe(new[] { 0, 1, 2, 5 }.Sum(i => frames[i].Length));
        readings.Sum("kisfeed.record.received", s_feed, s_session).ShouldBe(4);
        readings.Sum("kisfeed.record.unrouted", s_session).ShouldBe(4);
        readings.Sum("kisfeed.frame.malformed", s_session).ShouldBe(2);
        readings.Sum("kisfeed.frame.malformed", s_session, s_feed).ShouldBe(1);
        readings.Sum("kisfeed.heartbeats", s_session).ShouldBe(1);
        readings.Sum("kisfeed.registration.desired", s_session).ShouldBe(1);
        readings.Sum("kisfeed.registration.confirmed", s_session).ShouldBe(1);
        readings.Sum("kisfeed.connection.established", s_session).ShouldBe(1);
        readings.Sum("kisfeed.connection.attempts", s_session, ("kisfeed.outcome", "connected")).ShouldBe(1);
        readings.Sum("kisfeed.session.phase", s_session, ("kisfeed.phase", "open")).ShouldBe(1);
        readings.Sum("kisfeed.session.phase", s_session).ShouldBe(1);
    }

    [Fact]
    public async Task Counts_of_an_ended_subscription_are_kept()
    {
        await using var server = await ScriptedServer.StartAsync(async socket =>
        {
            await ScriptedServer.AcknowledgeAsync(socket);
            foreach (var record in new[] { Record, Record, Unreadable, Record })
                await ScriptedServer.SendAsync(socket, $"0|H0UNPGM0|001|{record}");

            // The first one shows that all earlier ones have arrived.
            await ScriptedServer.AcknowledgeAsync(socket);
            await ScriptedServer.AcknowledgeAsync(socket);
            await ScriptedServer.ReceiveAsync(socket);
        });
        using var readings = new MeterReadings("ended");
        await using var client = await KisFeedClient.ConnectAsync(server.Options with { ClientName = "ended", QueueCapacity = 2 });
        var program = await client.SubscribeAsync(ProgramTrade.Consolidated, "005930");
        await using (await client.SubscribeAsync(IndexTrade.Feed, "0001"))
        {
            readings.Sum("kisfeed.queue.depth", s_feed).ShouldBe(2);
            readings.Sum("kisfeed.queue.depth_max", s_feed).ShouldBe(2);
            (await TakeAsync(program.ReadAllAsync(), 1)).Count.ShouldBe(1);
            await program.DisposeAsync();
        }

        readings.Sum("kisfeed.queue.depth", s_feed).ShouldBe(0);
        readings.Sum("kisfeed.queue.depth_max", s_feed).ShouldBe(0);
        readings.Sum("kisfeed.frame.dropped", s_feed).ShouldBe(2);
        readings.Sum("kisfeed.gaps", s_feed, ("kisfeed.reason", "queue_overflow")).ShouldBe(1);
        readings.Sum("kisfeed.gaps").ShouldBe(1);
        readings.Sum("kisfeed.record.malformed", s_feed).ShouldBe(1);
        readings.Sum("kisfeed.frame.malformed", s_feed).ShouldBe(0);
        readings.Sum("kisfeed.frame.received", s_feed).ShouldBe(4);
    }

    [Fact]
    public async Task Exceptions_of_a_callback_are_counted()
    {
        await using var server = await ScriptedServer.StartAcknowledgingAsync(
            1, socket => ScriptedServer.SendAsync(socket, $"0|H0UNPGM0|003|{Record}^{Record}^{Record}").AsTask());
        using var readings = new MeterReadings("handler");
        await using var client = await KisFeedClient.ConnectAsync(server.Options with { ClientName = "handler" });
        var called = 0;
        var last = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        await using var program = await client.SubscribeAsync(ProgramTrade.Consolidated, "005930", (in _) =>
        {
            if (++called == 3)
            {
                last.SetResult();
                return;
            }

            throw new InvalidOperationException();
        });
        await last.Task.WaitAsync(Patience.Limit);
        readings.Sum("kisfeed.handler.errors", s_feed).ShouldBe(2);
    }

    [Fact]
    public async Task Refusals_losses_and_the_phase_describe_the_end_of_a_session()
    {
        await using var server = await ScriptedServer.StartAsync(async socket =>
        {
            foreach (var code in new[] { "OPSP8992", "approval-key-of-another", "OPSP8996" })
            {
                await ScriptedServer.ReceiveAsync(socket);
                await ScriptedServer.SendAsync(
                    socket, $$$"""{"header":{"tr_id":"(null)"},"body":{"rt_cd":"9","msg_cd":"{{{code}}}","msg1":""}}""");
            }

            await ScriptedServer.ReceiveAsync(socket);
        });
        using var readings = new MeterReadings("refused");
        await using var client = await KisFeedClient.ConnectAsync(server.Options with { ClientName = "refused" });
        for (var i = 0; i < 2; i++)
            await Should.ThrowAsync<SubscribeRefusedException>(client.SubscribeAsync(IndexTrade.Feed, "0001"));
        await Should.ThrowAsync<ConnectionLostException>(client.SubscribeAsync(IndexTrade.Feed, "0001"));

        (string, object) index = ("kisfeed.feed", "H0UPCNT0");
        readings.Sum("kisfeed.refusals", index, s_session, ("kisfeed.reason", "server"), ("kisfeed.broker.code", "OPSP8992")).ShouldBe(1);
        readings.Sum("kisfeed.refusals", index, ("kisfeed.broker.code", "other")).ShouldBe(1);
        readings.Sum("kisfeed.refusals", index, ("kisfeed.reason", "session_halted")).ShouldBe(1);
        readings.Sum("kisfeed.refusals", s_session, ("kisfeed.broker.code", "OPSP8996")).ShouldBe(1);
        readings.Sum("kisfeed.refusals").ShouldBe(4);
        readings.Sum("kisfeed.connection.losses", s_session, ("kisfeed.reason", "refused")).ShouldBe(1);
        readings.Sum("kisfeed.connection.losses").ShouldBe(1);
        readings.Sum("kisfeed.session.phase", s_session, ("kisfeed.phase", "halted")).ShouldBe(1);
        readings.Sum("kisfeed.registration.desired").ShouldBe(0);
    }

    [Fact]
    public async Task Failed_attempts_are_counted_by_outcome()
    {
        await using var server = await StartAsync();
        var options = OptionsFor(server) with { ClientName = "attempts", Reconnect = ReconnectPolicy.Default };
        await server.StopAsync();
        using var readings = new MeterReadings("attempts");
        using var activities = new RecordedActivities("attempts");
        await using var client = KisFeedClient.Start(options);
        await activities.NextAsync();

        readings.Sum("kisfeed.connection.attempts", ("kisfeed.outcome", "unreachable")).ShouldNotBeNull().ShouldBeGreaterThanOrEqualTo(1);
        readings.Sum("kisfeed.connection.attempts", ("kisfeed.outcome", "connected")).ShouldBe(0);
        readings.Sum("kisfeed.connection.established").ShouldBe(0);
        readings.Sum("kisfeed.session.inbound_age").ShouldBeNull();
    }

    [Fact]
    public async Task A_lost_and_restored_connection_counts_as_a_gap_and_a_loss()
    {
        var connections = 0;
        await using var server = await ScriptedServer.StartAsync(async socket =>
        {
            await ScriptedServer.AcknowledgeAsync(socket);
            await ScriptedServer.SendAsync(socket, $"0|H0UNPGM0|001|{Record}");
            if (Interlocked.Increment(ref connections) == 1)
                await socket.CloseOutputAsync(WebSocketCloseStatus.EndpointUnavailable, null, CancellationToken.None);
            await ScriptedServer.ReceiveAsync(socket);
        });
        using var readings = new MeterReadings("lost");
        var policy =
            ReconnectPolicy.Default with { InitialDelay = TimeSpan.FromMilliseconds(1), AppKeyInUseDelay = TimeSpan.FromMilliseconds(20) };
        await using var client = await KisFeedClient.ConnectAsync(server.Options with { ClientName = "lost", Reconnect = policy });
        await using var program = await client.SubscribeAsync(ProgramTrade.Consolidated, "005930");
        await TakeAsync(program.ReadAllAsync(), 2);

        readings.Sum("kisfeed.connection.losses", s_session, ("kisfeed.reason", "closed")).ShouldBe(1);
        readings.Sum("kisfeed.connection.established", s_session).ShouldBe(2);
        readings.Sum("kisfeed.gaps", s_feed, ("kisfeed.reason", "connection_lost")).ShouldBe(1);
        readings.Sum("kisfeed.frame.received", s_feed, s_session).ShouldBe(2);
    }

    [Fact]
    public async Task Ages_are_measured_from_the_last_frame_and_from_the_last_message()
    {
        var time = new ManualTimeProvider();
        await using var server = await ScriptedServer.StartAsync(async socket =>
        {
            await ScriptedServer.AcknowledgeAsync(socket);
            await ScriptedServer.SendAsync(socket, $"0|H0UNPGM0|001|{Record}");
            await ScriptedServer.AcknowledgeAsync(socket);
            await ScriptedServer.ReceiveAsync(socket);
        });
        using var readings = new MeterReadings("ages");
        await using var client = await KisFeedClient.ConnectAsync(server.Options with { ClientName = "ages", TimeProvider = time });
        readings.Sum("kisfeed.session.frame_age").ShouldBeNull();
        readings.Sum("kisfeed.session.inbound_age", s_session).ShouldBe(0);
        await using var program = await client.SubscribeAsync(ProgramTrade.Consolidated, "005930");
        await TakeAsync(program.ReadAllAsync(), 1);
        time.Advance(TimeSpan.FromSeconds(7));
        await using var index = await client.SubscribeAsync(IndexTrade.Feed, "0001");
        time.Advance(TimeSpan.FromSeconds(2));

        readings.Sum("kisfeed.session.frame_age", s_session).ShouldBe(9);
        readings.Sum("kisfeed.session.inbound_age", s_session).ShouldBe(2);
    }

    [Fact]
    public async Task Clients_of_one_process_are_measured_separately()
    {
        await using var server = await StartAsync();
        using var first = new MeterReadings("first");
        using var second = new MeterReadings("second");
        await using var one = await KisFeedClient.ConnectAsync(OptionsFor(server) with { ClientName = "first" });
        await using var two = await KisFeedClient.ConnectAsync(
            OptionsFor(server) with { ClientName = "second", AppKey = "PSotherotherotherotherotherother00000" });
        await using var index = await one.SubscribeAsync(IndexTrade.Feed, "0001");

        first.Sum("kisfeed.registration.confirmed", s_session).ShouldBe(1);
        second.Sum("kisfeed.registration.confirmed", s_session).ShouldBe(0);
        await one.DisposeAsync();
        first.Read().ShouldBeEmpty();
        second.Sum("kisfeed.connection.established", s_session).ShouldBe(1);
    }

    [Fact]
    public async Task Instruments_are_removed_with_their_client()
    {
        await using var server = await StartAsync();
        var ended = new List<Instrument>();
        using var listener = new MeterListener { MeasurementsCompleted = (instrument, _) => ended.Add(instrument) };
        var published = new List<Instrument>();
        var factory = new OneMeterFactory();
        listener.InstrumentPublished = (instrument, l) =>
        {
            if (instrument.Meter != factory.Meter)
                return;
            published.Add(instrument);
            l.EnableMeasurementEvents(instrument);
        };
        listener.Start();
        await using (await KisFeedClient.ConnectAsync(OptionsFor(server) with { MeterFactory = factory }))
            published.Count.ShouldBeGreaterThan(20);
        ended.ShouldBe(published, ignoreOrder: true);
    }

    [Fact]
    public async Task A_meter_kept_by_a_factory_has_no_measurements_of_an_ended_client()
    {
        await using var server = await StartAsync();
        await using var services = new ServiceCollection().AddMetrics().BuildServiceProvider();
        var options = OptionsFor(server) with { ClientName = "kept", MeterFactory = services.GetRequiredService<IMeterFactory>() };
        using var readings = new MeterReadings("kept");
        await using (await KisFeedClient.ConnectAsync(options))
            readings.Sum("kisfeed.connection.established").ShouldBe(1);
        readings.Read().ShouldBeEmpty();
        await using (await KisFeedClient.ConnectAsync(options))
            readings.Sum("kisfeed.connection.established").ShouldBe(1);
    }

    [Fact]
    public async Task The_operations_page_lists_every_instrument()
    {
        await using var server = await StartAsync();
        using var meter = new OneMeterFactory();
        List<string> published = [];
        using var listener = new MeterListener();
        listener.InstrumentPublished = (instrument, _) =>
        {
            if (instrument.Meter == meter.Meter)
                published.Add($"{instrument.Name} {KindOf(instrument)} {instrument.Unit}");
        };
        listener.Start();
        await using var client = await KisFeedClient.ConnectAsync(OptionsFor(server) with { MeterFactory = meter });
        var page = await File.ReadAllLinesAsync(Path.Combine(RepositoryRoot.Path, "docs/operations.md"));
        var listed = page
            .Where(line => line.StartsWith("| `kisfeed.", StringComparison.Ordinal))
            .Select(line => line.Split('|', StringSplitOptions.TrimEntries))
            .Where(cells => cells.Length == 7)
            .Select(cells => $"{cells[1].Trim('`')} {cells[2]} {cells[3].Trim('`')}");
        listed.ShouldBe(published, ignoreOrder: true);
    }

    [Fact]
    public void The_version_matches_the_library() =>
        new Version(KisFeedDiagnostics.Version).ShouldBe(new Version(typeof(KisFeedClient).Assembly.GetName().Version!.ToString(3)));

    private static string KindOf(Instrument instrument) => instrument switch
    {
        ObservableCounter<long> => "counter",
        ObservableUpDownCounter<long> => "level",
        _ => "gauge",
    };
}
