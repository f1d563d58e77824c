using System.Text;
using KisFeed.Capture;
using KisFeed.Gateway.Tests.Broker;
using KisFeed.Gateway.Tests.Streaming;
using KisFeed.Gateway.Tests.Web;
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

    [Fact]
    public async Task The_newest_record_of_an_idle_feed_is_in_every_answer()
    {
        await using var testGateway = await OpenAsync(recorded: 100);
        testGateway.Simulator.Silence().ShouldBeGreaterThan(0);
        using var http = new HttpClient { Timeout = Patience.Limit };
        var last = await IdleRecordAsync(testGateway);

        var json = (await testGateway.GetAsync("/v1/records?subscribe=index:0001&from=-1h&limit=10000")).Json;
        var saving = _folder.CreateSubdirectory("saved");
        await File.WriteAllTextAsync(
            Path.Combine(saving.FullName, "saved.log"),
            await http.GetStringAsync(new Uri(testGateway.Gateway.RestUrl, "/v1/records?subscribe=index:0001&from=-1h&format=capture")));
        var saved = await RecordedKeys.ReadAsync(saving.FullName);
        saving.Delete(recursive: true);
        var day = (await testGateway.GetAsync($"/v1/days/{_clock.GetUtcNow().AddHours(9):yyyy-MM-dd}?subscribe=index:0001")).Json;
        var current = (await testGateway.GetAsync("/v1/history/index/0001")).Json;
        await using var stream = await SseClient.OpenAsync(testGateway.Gateway, "subscribe=index:0001&from=-1h");
        var streamed = (await ReadPastAsync(stream)).ConvertAll(record => record.Text("receivedAt")!);

        await testGateway.Gateway.StopAsync();
        var recorded = await RecordedKeys.ReadRecordsAsync(_folder, "H0UPCNT0", "0001");
        recorded[^1].Json!.ShouldContain(last);
        var items = json.GetProperty("items").EnumerateArray().Where(item => item.TryGetProperty("receivedAt", out _))
            .Select(item => item.GetProperty("receivedAt").GetString()!).ToList();
        items[^1].ShouldBe(last);
        items.Count.ShouldBe(recorded.Count);
        streamed.ShouldBe(items);
        saved.Of("H0UPCNT0", "0001").Count(item => item.Json is not null).ShouldBe(recorded.Count);
        day.GetProperty("keys")[0].GetProperty("records").GetInt64().ShouldBe(recorded.Count);
        RecordedKeys.CountIn(current).ShouldBe(recorded.Count);
    }

    [Fact]
    public async Task A_restarted_gateway_that_has_received_nothing_yet_sends_the_whole_past()
    {
        await (await OpenAsync(recorded: 100)).DisposeAsync();
        var recorded = await RecordedKeys.ReadRecordsAsync(_folder, "H0UPCNT0", "0001");

        await using var second = await OpenAsync(isDown: true);
        await using var stream = await SseClient.OpenAsync(second.Gateway, "subscribe=index:0001&from=-1h");

        (await ReadPastAsync(stream)).Count.ShouldBe(recorded.Count);
    }

    [Fact]
    public async Task A_gateway_that_stops_before_upstream_was_reached_logs_no_error()
    {
        for (var i = 0; i < 3; i++)
        {
            await using var testGateway = await OpenAsync(isDown: true);
            await using var stream = await SseClient.OpenAsync(testGateway.Gateway, "subscribe=index:1001");
            await testGateway.Gateway.StopAsync();
            testGateway.Log.Entries.Where(entry => entry.Level >= LogLevel.Error).Select(entry => entry.Text).ShouldBeEmpty();
        }
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task An_id_from_the_future_gives_a_gap_and_current_data_at_once(bool isWebSocket)
    {
        await using var testGateway = await OpenAsync(recorded: 10);
        var query = $"subscribe=index:0001&last_event_id=0123456789ab-7-{_clock.GetUtcNow().AddHours(1).UtcTicks:x}.1";

        await using StreamClient stream = isWebSocket
            ? await SocketClient.OpenAsync(testGateway.Gateway, query)
            : await SseClient.OpenAsync(testGateway.Gateway, query);

        (await stream.NextAsync("resumed")).Body.GetProperty("complete").GetBoolean().ShouldBeFalse();
        await stream.NextAsync("subscribed");
        await stream.NextAsync("gap");
        await stream.NextAsync("record");
    }

    [Fact]
    public async Task Streams_continue_when_the_clock_is_set_back()
    {
        await using var testGateway = await OpenAsync(recorded: 10);
        string id;
        await using (var stream = await SseClient.OpenAsync(testGateway.Gateway, "subscribe=index:0001&from=-1h"))
        {
            await stream.UntilAsync("live");
            id = (await stream.UntilAsync(e => e is { IsRecord: true, Number: > 0 })).Id!;
            _clock.Shift -= TimeSpan.FromHours(2);
            await stream.UntilAsync(
                e => e.IsRecord && e.Json.GetProperty("receivedAt").GetDateTimeOffset() < _clock.GetUtcNow().AddMinutes(1));
        }

        // As after a restart: the id is not of this run.
        await using var resumed = await SseClient.OpenAsync(
            testGateway.Gateway, $"subscribe=index:0001&last_event_id=0123456789ab-{id[13..]}");
        (await resumed.NextAsync("resumed")).Body.GetProperty("complete").GetBoolean().ShouldBeFalse();
        await resumed.UntilAsync("record");
    }

    [Fact]
    public async Task Clients_that_leave_while_the_past_is_sent_cause_no_errors()
    {
        WriteDay(200_000);
        await using var testGateway = await OpenAsync(rate: 10);
        var random = new Random(TestRun.Seed);

        for (var i = 0; i < TestRun.Of(240); i++)
        {
            await using var raw = await RawClient.ConnectAsync(
                new Uri(testGateway.Url, $"/v1/stream?subscribe=index:0001&from=-8h&format={(i % 2 == 0 ? "json" : "capture")}"));
            for (var frames = random.Next(1, 200); frames > 0 && await raw.ReceiveAsync() is not null; frames--)
            {
            }

            if (i % 3 == 0)
                await raw.SendAsync(RawClient.Frame(RawClient.Close, [0x03, 0xE8]));
        }

        for (var i = 0; i < TestRun.Of(240); i++)
        {
            await using var stream = await SseClient.OpenAsync(testGateway.Gateway, "subscribe=index:0001&from=-8h");
            for (var events = random.Next(1, 200); events > 0 && await stream.NextAsync() is not null; events--)
            {
            }
        }

        await Patience.UntilAsync(() => testGateway.Status.Totals.Streams == 0);
        testGateway.Log.Entries.Where(entry => entry.Level >= LogLevel.Error).Select(entry => entry.Text)
            .ShouldBeEmpty($"seed {TestRun.Seed}");
    }

    public void Dispose() => _folder.Delete(recursive: true);

    // The records before the present.
    private static async Task<List<StreamEvent>> ReadPastAsync(SseClient stream)
    {
        var records = new List<StreamEvent>();
        await stream.UntilAsync(item =>
        {
            if (item.IsRecord)
                records.Add(item);
            return item.Kind == "live";
        });
        return records;
    }

    // The last record of the key, once no other follows.
    private static async Task<string> IdleRecordAsync(TestGateway testGateway)
    {
        var last = "";
        while (true)
        {
            var next = (await testGateway.GetAsync("/v1/last/index/0001")).Json.GetProperty("receivedAt").GetString()!;
            if (next == last)
                return next;
            last = next;
        }
    }

    private void WriteDay(int frames)
    {
        using var writer = new CaptureWriter(new CaptureWriterOptions { Directory = _folder.FullName });
        var at = _clock.GetUtcNow().AddHours(-7);
        var frame = Encoding.ASCII.GetBytes(TestFrames.Index("0001"));
        for (var i = 0; i < frames; i++)
            writer.Write(TestGateway.Index, frame, at.AddMilliseconds(i));
        writer.Close();
    }

    private async Task<TestGateway> OpenAsync(double rate = 500, int? recorded = null, bool isDown = false)
    {
        var testGateway = await TestGateway.OpenAsync(
            new SimulatorOptions { Rate = rate },
            options =>
            {
                options = TestGateway.Recording(options, _folder, ("H0UPCNT0", "0001"));
                return options with
                {
                    RegisterTimeout = TimeSpan.FromMilliseconds(200),
                    Limits = TestGateway.Unhurried with { RequestsPerSecond = 100_000 },
                    TimeProvider = _clock,
                    ReplayBufferBytes = 1,
                    Recording = options.Recording! with { TimeProvider = _clock },
                };
            },
            upstream => upstream with { TimeProvider = _clock },
            isDown);
        if (recorded is { } frames)
            await testGateway.UntilRecordedAsync(frames);
        return testGateway;
    }
}
