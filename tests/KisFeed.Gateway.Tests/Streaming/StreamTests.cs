using System.Text.Json;
using KisFeed.Feeds;
using KisFeed.Gateway.Tests.Broker;
using KisFeed.Gateway.Tests.Web;
using KisFeed.Output;
using KisFeed.Simulator;
using KisFeed.Wire;

namespace KisFeed.Gateway.Tests.Streaming;

/// <summary>Streams of server-sent events.</summary>
public sealed class StreamTests
{
    [Fact]
    public async Task Records_with_ids_follow_the_confirmation_of_the_subscription()
    {
        await using var testGateway = await TestGateway.OpenAsync();
        await using var stream = await SseClient.OpenAsync(testGateway.Gateway, "subscribe=index:0001");

        var subscribed = await stream.NextAsync("subscribed");
        subscribed.Id.ShouldBeNull();
        subscribed.Body.GetRawText().ShouldBe("""{"trId":"H0UPCNT0","key":"0001","registered":true}""");
        var first = await stream.NextAsync("record");
        var second = await stream.NextAsync("record");
        first.Json.ShouldHave($$"""{"id":"{{first.Id}}","trId":"H0UPCNT0","key":"0001"}""");
        first.Json.GetProperty("price").ValueKind.ShouldBe(JsonValueKind.Number);
        second.Number.ShouldBeGreaterThan(first.Number);
        second.Id![..second.Id!.IndexOf('-', StringComparison.Ordinal)].ShouldBe(
            first.Id![..first.Id!.IndexOf('-', StringComparison.Ordinal)]);
        stream.Headers.CacheControl!.NoStore.ShouldBeTrue();
    }

    [Fact]
    public async Task Prices_of_overseas_futures_have_their_decimal_places_in_streams_and_pages()
    {
        var scales = PriceScales.Parse("ffcode.mst", OverseasFutures.Futures());
        using var log = new RecordingLoggerFactory();
        await using var testGateway = await TestGateway.OpenAsync(
            upstream: options => options with { PriceScales = scales, LoggerFactory = log });
        const string Targets = "subscribe=overseas-futures:GCZ26&subscribe=overseas-futures:ZBZ26";
        await using var stream = await SseClient.OpenAsync(testGateway.Gateway, Targets);
        await stream.NextAsync("subscribed");
        await stream.NextAsync("subscribed");
        var records = new Dictionary<string, JsonElement>(StringComparer.Ordinal);
        while (records.Count < 2)
        {
            var record = await stream.NextAsync("record");
            records[record.Key] = record.Json;
        }

        records["GCZ26"].GetProperty("price").GetRawText().ShouldMatch(@"^\d+\.\d$");
        records["GCZ26"].ShouldHave("""{"priceScale":1}""");
        records["ZBZ26"].GetProperty("price").GetRawText().ShouldMatch(@"^\d+$");
        records["ZBZ26"].ShouldHave("""{"priceScale":null}""");
        (await testGateway.GetAsync("/v1/last/overseas-futures/GCZ26")).Json.GetProperty("priceScale").GetInt32().ShouldBe(1);
        (await testGateway.GetAsync("/v1/history/overseas-futures/GCZ26")).Json.GetRawText().ShouldMatch(@"\d\.\d");
        log.Messages.Where(message => message.Id == 1204).ShouldHaveSingleItem().Text
            .ShouldStartWith("The decimal places of the prices of HDFFF020 ZBZ26 are not known");
    }

    [Theory]
    [InlineData("us:aapl")]
    [InlineData("us:NASAAPL")]
    [InlineData("us:DNASAAPL")]
    public async Task A_symbol_is_completed_to_a_key_in_every_request(string target)
    {
        await using var testGateway = await TestGateway.OpenAsync();
        await using var stream = await SseClient.OpenAsync(testGateway.Gateway, $"subscribe={target}");

        (await stream.NextAsync("subscribed")).Text("key").ShouldBe("DNASAAPL");
        (await stream.NextAsync("record")).Json.GetProperty("key").GetString().ShouldBe("DNASAAPL");
        foreach (var page in (string[])["last", "history"])
        {
            var reply = await testGateway.GetAsync($"/v1/{page}/{target.Replace(':', '/')}");
            reply.Status.ShouldBe(200);
            reply.Json.GetProperty("key").GetString().ShouldBe("DNASAAPL");
        }
    }

    [Theory]
    [InlineData("english", NameStyle.English)]
    [InlineData("kis", NameStyle.Kis)]
    public async Task A_record_is_the_JSON_that_watch_writes_for_the_same_frame(string names, NameStyle style)
    {
        await using var testGateway = await TestGateway.OpenAsync();
        await using var broker = await testGateway.ConnectAsync();
        await broker.RegisterAsync(TestGateway.Index, "0001");
        await using var stream = await SseClient.OpenAsync(testGateway.Gateway, $"subscribe=H0UPCNT0:0001&names={names}");
        var records = new List<string>();
        await stream.NextAsync("subscribed");
        while (records.Count < 50)
            records.Add(Members((await stream.NextAsync("record")).Json));

        // The consumer in the broker's protocol connected first. Successive records may be alike.
        var watched = new List<string>();
        while (!EndsWith(watched, records))
        {
            foreach (var record in RecordsOf(await broker.ReceiveFrameAsync(), style).TakeWhile(_ => !EndsWith(watched, records)))
                watched.Add(record);
            watched.Count.ShouldBeLessThan(2_000, "the records of the stream are not those of the broker's protocol");
        }
    }

    [Fact]
    public async Task Every_stream_receives_the_same_records_with_the_same_ids()
    {
        await using var testGateway = await TestGateway.OpenAsync(new SimulatorOptions { Rate = 500 });
        await using var one = await SseClient.OpenAsync(testGateway.Gateway, "subscribe=index:0001");
        await using var both = await SseClient.OpenAsync(testGateway.Gateway, "subscribe=index:0001,h0upcnt0:1001&subscribe=INDEX:0001");
        var from = (await both.UntilAsync("record")).Number;
        var all = new List<StreamEvent>();
        for (var i = 0; i < 200; i++)
            all.Add(await both.NextAsync("record"));

        var next = await one.UntilAsync(e => e.IsRecord && e.Number > from);
        foreach (var expected in all.Where(e => e.Key == "0001"))
        {
            next.Json.GetRawText().ShouldBe(expected.Json.GetRawText());
            next = await one.NextAsync("record");
        }

        all.ShouldContain(e => e.Key == "1001");
        all.Select(e => e.Number).ShouldBeInOrder();
        testGateway.Status.Registrations.Count.ShouldBe(2);
    }

    [Fact]
    public async Task One_registration_upstream_serves_many_streams_and_is_released_after_the_last()
    {
        await using var testGateway = await TestGateway.OpenAsync(with: options => options with { ReleaseGrace = TimeSpan.Zero });
        var streams = new List<SseClient>();
        for (var i = 0; i < 20; i++)
            streams.Add(await SseClient.OpenAsync(testGateway.Gateway, "subscribe=index:0001"));
        foreach (var stream in streams)
            await stream.UntilAsync("record");

        testGateway.Status.Registrations.ShouldHaveSingleItem().Consumers.ShouldBe(20);
        testGateway.Simulator.Statistics.Registrations.ShouldBe(1);
        testGateway.Status.Totals.Streams.ShouldBe(20);
        testGateway.Gateway.Accounts.WithoutCredentials!.Usage.Registrations.ShouldBe(20);
        foreach (var stream in streams)
            await stream.DisposeAsync();

        await testGateway.Log.EventAsync("ReleasedUpstream");
        await Patience.UntilAsync(() => testGateway.Status.Registrations.Count == 0);
        testGateway.Status.Totals.Streams.ShouldBe(0);
        testGateway.Gateway.Accounts.WithoutCredentials!.Usage.Registrations.ShouldBe(0);
        testGateway.Gateway.Accounts.WithoutCredentials!.Usage.Connections.ShouldBe(0);
    }

    [Fact]
    public async Task A_new_stream_can_start_with_the_last_record()
    {
        await using var testGateway = await TestGateway.OpenAsync();
        await using var early = await SseClient.OpenAsync(testGateway.Gateway, "subscribe=index:0001");
        await early.UntilAsync("record");
        await testGateway.Simulator.StopAsync();
        // The earlier stream may have received its last event before that.
        await Patience.UntilAsync(() => testGateway.Count("Upstream cannot be reached") > 0);
        await using var late = await SseClient.OpenAsync(testGateway.Gateway, "subscribe=index:0001&snapshot=1");

        (await late.NextAsync("subscribed")).Body.GetProperty("registered").GetBoolean()
            .ShouldBeFalse("without a connection nothing is registered upstream");
        var snapshot = await late.NextAsync("record");
        snapshot.Id.ShouldBeNull();
        snapshot.Json.ShouldHave("""{"snapshot":true,"key":"0001"}""");
        var interruption = await late.NextAsync("interruption");
        interruption.Key.ShouldBe("0001");
        testGateway.Status.Registrations.ShouldHaveSingleItem().IsRegistered.ShouldBeFalse();
        await using var plain = await SseClient.OpenAsync(testGateway.Gateway, "subscribe=index:0001");
        (await plain.NextAsync("subscribed")).Body.GetProperty("registered").GetBoolean().ShouldBeFalse();
        (await plain.NextAsync("interruption")).Body.GetRawText().ShouldBe(interruption.Body.GetRawText());

        await testGateway.RestartAsync(new SimulatorOptions { Rate = 200 });
        await plain.UntilAsync("record");
        testGateway.Status.Registrations.ShouldHaveSingleItem().IsRegistered.ShouldBeTrue();
        await using var next = await SseClient.OpenAsync(testGateway.Gateway, "subscribe=index:0001");
        (await next.NextAsync("subscribed")).Body.GetProperty("registered").GetBoolean().ShouldBeTrue();
        await next.NextAsync("record");
    }

    [Fact]
    public async Task A_quiet_stream_sends_heartbeats()
    {
        var time = new ManualTimeProvider();
        await using var testGateway = await TestGateway.OpenAsync(isDown: true, with: options => options with { TimeProvider = time });
        await using var stream = await SseClient.OpenAsync(testGateway.Gateway, "subscribe=index:0001");
        (await stream.NextAsync("subscribed")).Body.GetProperty("registered").GetBoolean().ShouldBeFalse();

        for (var i = 0; i < 4; i++)
            time.Advance(TimeSpan.FromSeconds(5));
        await testGateway.Gateway.StopAsync();

        (await stream.NextAsync("end")).Text("reason").ShouldBe("the gateway stops");
        stream.Comments.ShouldNotBeEmpty();
        stream.Comments.ShouldAllBe(comment => comment == ": heartbeat");
    }

    [Fact]
    public async Task A_HEAD_request_gets_only_the_headers()
    {
        await using var testGateway = await TestGateway.OpenAsync();

        (await testGateway.SendAsync("HEAD", "/v1/stream?subscribe=index:0001")).Headers["Content-Type"]
            .ShouldStartWith("text/event-stream");

        testGateway.Status.Registrations.ShouldBeEmpty();
    }

    private static bool EndsWith(List<string> items, List<string> end) =>
        items.Count >= end.Count && items.TakeLast(end.Count).SequenceEqual(end, StringComparer.Ordinal);

    private static List<string> RecordsOf(string text, NameStyle names)
    {
        DataFrame.TryParse(System.Text.Encoding.UTF8.GetBytes(text), out var frame, out _).ShouldBeTrue();
        IndexTrade.Feed.Schema.TryResolve(frame, out var shape, out _).ShouldBeTrue();
        var reader = new RecordReader(frame, shape, new int[RecordReader.ScratchLength(shape)]);
        var records = new List<string>();
        while (reader.MoveNext())
        {
            using var buffer = new MemoryStream();
            using (var json = new Utf8JsonWriter(buffer, RecordJson.WriterOptions))
            {
                json.WriteStartObject();
                RecordJson.WriteMembers(json, IndexTrade.Feed.Schema, reader.Current, names);
                json.WriteEndObject();
            }

            using var parsed = JsonDocument.Parse(buffer.ToArray());
            records.Add(Members(parsed.RootElement));
        }

        return records;
    }

    // Without the members that the gateway adds: id, feed, key and time of receipt. The record's own time is part of the record.
    private static string Members(JsonElement json) => string.Join(
        ',',
        json.EnumerateObject()
            .Where(m => m.Name is not ("id" or "trId" or "key" or "tr_id" or "tr_key" or "receivedAt" or "received_at" or "timestamp"))
            .Select(m => m.ToString()));
}
