using System.Text.Json;
using KisFeed.Capture;
using KisFeed.Feeds;
using KisFeed.Gateway.Tests.Broker;
using KisFeed.Gateway.Tests.Streaming;
using KisFeed.Simulator;
using Microsoft.Extensions.Logging;

namespace KisFeed.Gateway.Tests.History;

/// <summary>
/// The end of the recording: the newest record is never missing, and a stream never waits for a position that is not there.
/// </summary>
public sealed class NewestRecordTests : IDisposable
{
    private readonly DirectoryInfo _folder = Directory.CreateTempSubdirectory("kisfeed-newest-");
    // All hours of a test are of one day.
    private readonly ShiftedTimeProvider _clock = ShiftedTimeProvider.InKoreaAt(TimeSpan.FromHours(12));
    private readonly RecordingLoggerFactory _log = new();

    [Fact]
    public async Task The_newest_record_of_an_idle_feed_is_in_every_answer()
    {
        await using var simulator = await SimulatorServer.StartAsync(new SimulatorOptions { Rate = 500 });
        await using var gateway = await StartAsync(simulator);
        await Patience.UntilAsync(() => gateway.Status.Recording!.Received > 100);
        simulator.Silence().ShouldBeGreaterThan(0);
        using var http = new HttpClient { BaseAddress = gateway.RestUrl, Timeout = Patience.Limit };
        var last = await IdleRecordAsync(http);

        var json = await ReadAsync(http, "v1/records?subscribe=index:0001&from=-1h&limit=10000");
        var saving = _folder.CreateSubdirectory("saved");
        await File.WriteAllTextAsync(
            Path.Combine(saving.FullName, "saved.log"),
            await http.GetStringAsync(new Uri("v1/records?subscribe=index:0001&from=-1h&format=capture", UriKind.Relative)));
        var saved = await RecordedKeys.ReadAsync(saving.FullName);
        saving.Delete(recursive: true);
        var day = await ReadAsync(http, $"v1/days/{_clock.GetUtcNow().AddHours(9):yyyy-MM-dd}?subscribe=index:0001");
        var current = await ReadAsync(http, "v1/history/index/0001");
        await using var stream = await SseClient.OpenAsync(gateway, "subscribe=index:0001&from=-1h");
        var streamed = new List<string>();
        for (var next = await stream.NextAsync(); next!.Kind != "live"; next = await stream.NextAsync())
        {
            if (next.IsRecord)
                streamed.Add(next.Json.GetProperty("receivedAt").GetString()!);
        }

        await gateway.StopAsync();
        var recorded = (await RecordedKeys.ReadAsync(_folder.FullName)).Of("H0UPCNT0", "0001").Where(item => item.Json is not null)
            .ToList();
        recorded[^1].Json!.ShouldContain(last);
        var items = json.GetProperty("items").EnumerateArray().Where(item => item.TryGetProperty("receivedAt", out _))
            .Select(item => item.GetProperty("receivedAt").GetString()!).ToList();
        items[^1].ShouldBe(last);
        items.Count.ShouldBe(recorded.Count);
        streamed.ShouldBe(items);
        saved.Of("H0UPCNT0", "0001").Count(item => item.Json is not null).ShouldBe(recorded.Count);
        day.GetProperty("keys")[0].GetProperty("records").GetInt64().ShouldBe(recorded.Count);
        RecordsOf(current).ShouldBe(recorded.Count);
    }

    [Fact]
    public async Task A_restarted_gateway_that_has_received_nothing_yet_sends_the_whole_past()
    {
        await using (var simulator = await SimulatorServer.StartAsync(new SimulatorOptions { Rate = 500 }))
        await using (var first = await StartAsync(simulator))
            await Patience.UntilAsync(() => first.Status.Recording!.Received > 100);
        var recorded = (await RecordedKeys.ReadAsync(_folder.FullName)).Of("H0UPCNT0", "0001").Count(item => item.Json is not null);
        using var nowhere = ReservedPort.Take();

        await using var second = await StartAsync(new Uri($"ws://127.0.0.1:{nowhere.Number}"));
        await using var stream = await SseClient.OpenAsync(second, "subscribe=index:0001&from=-1h");

        var records = 0;
        for (var next = await stream.NextAsync(); next!.Kind != "live"; next = await stream.NextAsync())
            records += next.IsRecord ? 1 : 0;
        records.ShouldBe(recorded);
    }

    [Fact]
    public async Task A_gateway_that_stops_before_upstream_was_reached_logs_no_error()
    {
        using var nowhere = ReservedPort.Take();
        for (var i = 0; i < 3; i++)
        {
            await using var gateway = await StartAsync(new Uri($"ws://127.0.0.1:{nowhere.Number}"));
            await using var stream = await SseClient.OpenAsync(gateway, "subscribe=index:1001");
            await gateway.StopAsync();
        }

        _log.Entries.Where(entry => entry.Level >= LogLevel.Error).Select(entry => entry.Text).ShouldBeEmpty();
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task An_id_from_the_future_gives_a_gap_and_current_data_at_once(bool isWebSocket)
    {
        await using var simulator = await SimulatorServer.StartAsync(new SimulatorOptions { Rate = 500 });
        await using var gateway = await StartAsync(simulator);
        await Patience.UntilAsync(() => gateway.Status.Recording!.Received > 10);
        var query = $"subscribe=index:0001&last_event_id=0123456789ab-7-{_clock.GetUtcNow().AddHours(1).UtcTicks:x}.1";

        if (isWebSocket)
        {
            await using var socket = await SocketClient.OpenAsync(gateway, query);
            (await socket.UntilAsync("resumed")).Body.GetProperty("complete").GetBoolean().ShouldBeFalse();
            await socket.UntilAsync("gap");
            await socket.UntilAsync("record");
            return;
        }

        await using var stream = await SseClient.OpenAsync(gateway, query);
        (await stream.NextAsync("resumed")).Body.GetProperty("complete").GetBoolean().ShouldBeFalse();
        await stream.NextAsync("subscribed");
        await stream.NextAsync("gap");
        await stream.NextAsync("record");
    }

    [Fact]
    public async Task Streams_continue_when_the_clock_is_set_back()
    {
        await using var simulator = await SimulatorServer.StartAsync(new SimulatorOptions { Rate = 500 });
        await using var gateway = await StartAsync(simulator);
        await Patience.UntilAsync(() => gateway.Status.Recording!.Received > 10);
        string id;
        await using (var stream = await SseClient.OpenAsync(gateway, "subscribe=index:0001&from=-1h"))
        {
            await stream.UntilAsync(e => e.Kind == "live");
            id = (await stream.UntilAsync(e => e is { IsRecord: true, Number: > 0 })).Id!;
            _clock.Shift -= TimeSpan.FromHours(2);
            await stream.UntilAsync(
                e => e.IsRecord && e.Json.GetProperty("receivedAt").GetDateTimeOffset() < _clock.GetUtcNow().AddMinutes(1));
        }

        // As after a restart: the id is not of this run.
        await using var resumed = await SseClient.OpenAsync(gateway, $"subscribe=index:0001&last_event_id=0123456789ab-{id[13..]}");
        (await resumed.NextAsync("resumed")).Body.GetProperty("complete").GetBoolean().ShouldBeFalse();
        await resumed.UntilAsync(e => e.IsRecord);
    }

    [Fact]
    public async Task Clients_that_leave_while_the_past_is_sent_cause_no_errors()
    {
        WriteDay(200_000);
        await using var simulator = await SimulatorServer.StartAsync(new SimulatorOptions { Rate = 10 });
        await using var gateway = await StartAsync(simulator);
        var random = new Random(TestRun.Seed);

        for (var i = 0; i < TestRun.Of(240); i++)
        {
            await using var raw = await RawClient.ConnectAsync(
                new Uri(gateway.WebSocketUrl, $"/v1/stream?subscribe=index:0001&from=-8h&format={(i % 2 == 0 ? "json" : "capture")}"));
            for (var frames = random.Next(1, 200); frames > 0 && await raw.ReceiveAsync() is not null; frames--)
            {
            }

            if (i % 3 == 0)
                await raw.SendAsync(RawClient.Frame(RawClient.Close, [0x03, 0xE8]));
        }

        for (var i = 0; i < TestRun.Of(240); i++)
        {
            await using var stream = await SseClient.OpenAsync(gateway, "subscribe=index:0001&from=-8h");
            for (var events = random.Next(1, 200); events > 0 && await stream.NextAsync() is not null; events--)
            {
            }
        }

        await Patience.UntilAsync(() => gateway.Status.Totals.Streams == 0);
        _log.Entries.Where(entry => entry.Level >= LogLevel.Error).Select(entry => entry.Text).ShouldBeEmpty($"seed {TestRun.Seed}");
    }

    public void Dispose()
    {
        _folder.Delete(recursive: true);
        _log.Dispose();
    }

    // The last record of the key, once no other follows.
    private static async Task<string> IdleRecordAsync(HttpClient http)
    {
        var last = "";
        while (true)
        {
            var next = (await ReadAsync(http, "v1/last/index/0001")).GetProperty("receivedAt").GetString()!;
            if (next == last)
                return next;
            last = next;
        }
    }

    private static async Task<JsonElement> ReadAsync(HttpClient http, string path)
    {
        using var json = JsonDocument.Parse(await http.GetStringAsync(new Uri(path, UriKind.Relative)));
        return json.RootElement.Clone();
    }

    private static long RecordsOf(JsonElement day) =>
        day.GetProperty("series").GetProperty("price").EnumerateArray().Sum(bar => bar.GetProperty("records").GetInt64());

    private void WriteDay(int frames)
    {
        using var writer = new CaptureWriter(new CaptureWriterOptions { Directory = _folder.FullName });
        var at = _clock.GetUtcNow().AddHours(-7);
        for (var i = 0; i < frames; i++)
        {
            writer.Write(
                TestGateway.Index,
                "0|H0UPCNT0|001|0001^091240^2624.54^2^32.68^1000^1650684^439^10335^1.26^2615.72^2624.82^2610.00^23.86^2^32.96^2^18.14^2^"u8
                    + "0.92^1.27^0.70^0^670^72^177^0^0^0^19"u8,
                at.AddMilliseconds(i));
        }

        writer.Close();
    }

    private Task<GatewayServer> StartAsync(SimulatorServer simulator) => StartAsync(simulator.WebSocketUrl);

    private Task<GatewayServer> StartAsync(Uri upstream) => GatewayServer.StartAsync(new GatewayOptions
    {
        Upstream = TestGateway.ClientOf(upstream) with { TimeProvider = _clock },
        LoggerFactory = _log,
        RegisterTimeout = TimeSpan.FromMilliseconds(200),
        Limits = TestGateway.Unhurried with { RequestsPerSecond = 100_000 },
        TimeProvider = _clock,
        Keep = [new GatewayKey(IndexTrade.Feed.Schema, "0001")],
        HistoryBytes = 1,
        Recording =
            new CaptureRecorderOptions { Writer = new CaptureWriterOptions { Directory = _folder.FullName }, TimeProvider = _clock },
    });
}
