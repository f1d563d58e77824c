using System.Text.Json;
using KisFeed.Feeds;
using KisFeed.Gateway.Tests.Broker;
using KisFeed.Output;
using KisFeed.Simulator;
using KisFeed.Wire;

namespace KisFeed.Gateway.Tests.Web.Streaming;

/// <summary>What a stream of server-sent events brings.</summary>
public sealed class StreamTests
{
    [Fact]
    public async Task Records_come_with_ids_behind_the_word_that_the_key_is_subscribed_to()
    {
        await using var stage = await Stage.OpenAsync();
        await using var stream = await SseClient.OpenAsync(stage.Gateway, "subscribe=index:0001");

        var subscribed = await stream.NextAsync("subscribed");
        subscribed.Id.ShouldBeNull();
        subscribed.Body.GetRawText().ShouldBe("""{"trId":"H0UPCNT0","key":"0001","registered":true}""");
        var first = await stream.NextAsync("record");
        var second = await stream.NextAsync("record");
        first.Json.GetProperty("id").GetString().ShouldBe(first.Id);
        first.Json.GetProperty("trId").GetString().ShouldBe(Stage.Index);
        first.Json.GetProperty("key").GetString().ShouldBe("0001");
        first.Json.GetProperty("price").ValueKind.ShouldBe(JsonValueKind.Number);
        second.Number.ShouldBeGreaterThan(first.Number);
        second.Id![..second.Id!.IndexOf('-', StringComparison.Ordinal)].ShouldBe(first.Id![..first.Id!.IndexOf('-', StringComparison.Ordinal)]);
        stream.Headers.CacheControl!.NoStore.ShouldBeTrue();
    }

    [Theory]
    [InlineData("english", NameStyle.English)]
    [InlineData("kis", NameStyle.Kis)]
    public async Task A_record_is_what_watch_would_write_of_the_same_frame(string names, NameStyle style)
    {
        await using var stage = await Stage.OpenAsync();
        await using var broker = await stage.ConnectAsync();
        await broker.RegisterAsync(Stage.Index, "0001");
        await using var stream = await SseClient.OpenAsync(stage.Gateway, $"subscribe=H0UPCNT0:0001&names={names}");
        var records = new Queue<StreamEvent>();
        await stream.NextAsync("subscribed");
        for (var i = 0; i < 50; i++)
            records.Enqueue(await stream.NextAsync("record"));

        var compared = 0;
        while (records.Count > 0)
        {
            foreach (var expected in RecordsOf(await broker.ReceiveFrameAsync(), style))
            {
                // The broker's side was there first.
                if (records.TryPeek(out var record) && Members(record.Json) == expected)
                {
                    records.Dequeue();
                    compared++;
                }
                else
                {
                    compared.ShouldBeOneOf(0, 50);
                }
            }
        }
    }

    [Fact]
    public async Task Every_stream_gets_the_same_records_with_the_same_ids()
    {
        await using var stage = await Stage.OpenAsync(new SimulatorOptions { Rate = 500 });
        await using var one = await SseClient.OpenAsync(stage.Gateway, "subscribe=index:0001");
        await using var both = await SseClient.OpenAsync(stage.Gateway, "subscribe=index:0001,h0upcnt0:1001&subscribe=INDEX:0001");
        var from = (await both.UntilAsync(e => e.IsRecord)).Number;
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
        stage.Gateway.Status.Registrations.Count.ShouldBe(2);
    }

    [Fact]
    public async Task One_registration_upstream_serves_many_streams_and_goes_when_all_have_gone()
    {
        await using var stage = await Stage.OpenAsync(with: options => options with { ReleaseGrace = TimeSpan.Zero });
        var streams = new List<SseClient>();
        for (var i = 0; i < 20; i++)
            streams.Add(await SseClient.OpenAsync(stage.Gateway, "subscribe=index:0001"));
        foreach (var stream in streams)
            await stream.UntilAsync(e => e.IsRecord);

        stage.Gateway.Status.Registrations.ShouldHaveSingleItem().Consumers.ShouldBe(20);
        stage.Simulator.Statistics.Registrations.ShouldBe(1);
        stage.Gateway.Status.Streams.ShouldBe(20);
        stage.Gateway.Accounts.WithoutCredentials!.Usage.Registrations.ShouldBe(20);
        foreach (var stream in streams)
            await stream.DisposeAsync();

        await stage.Log.EventAsync(71);
        stage.Gateway.Status.Registrations.ShouldBeEmpty();
        stage.Gateway.Status.Streams.ShouldBe(0);
        stage.Gateway.Accounts.WithoutCredentials!.Usage.Registrations.ShouldBe(0);
        stage.Gateway.Accounts.WithoutCredentials!.Usage.Connections.ShouldBe(0);
    }

    [Fact]
    public async Task A_late_joiner_may_have_the_last_record_first()
    {
        await using var stage = await Stage.OpenAsync();
        await using var early = await SseClient.OpenAsync(stage.Gateway, "subscribe=index:0001");
        await early.UntilAsync(e => e.IsRecord);
        await stage.Simulator.StopAsync();
        await Patience.UntilAsync(() => stage.Count("Upstream cannot be reached") > 0); // The early stream may have had its last event before that.
        await using var late = await SseClient.OpenAsync(stage.Gateway, "subscribe=index:0001&snapshot=1");

        (await late.NextAsync("subscribed")).Body.GetProperty("registered").GetBoolean().ShouldBeFalse("upstream has nothing without a connection");
        var snapshot = await late.NextAsync("record");
        snapshot.Id.ShouldBeNull();
        snapshot.Json.GetProperty("snapshot").GetBoolean().ShouldBeTrue();
        snapshot.Json.GetProperty("key").GetString().ShouldBe("0001");
        var interruption = await late.NextAsync("interruption");
        interruption.Key.ShouldBe("0001");
        stage.Gateway.Status.Registrations.ShouldHaveSingleItem().IsRegistered.ShouldBeFalse();
        await using var plain = await SseClient.OpenAsync(stage.Gateway, "subscribe=index:0001");
        (await plain.NextAsync("subscribed")).Body.GetProperty("registered").GetBoolean().ShouldBeFalse();
        (await plain.NextAsync("interruption")).Body.GetRawText().ShouldBe(interruption.Body.GetRawText());

        await stage.RestartAsync(new SimulatorOptions { Rate = 200 });
        await plain.UntilAsync(e => e.IsRecord);
        stage.Gateway.Status.Registrations.ShouldHaveSingleItem().IsRegistered.ShouldBeTrue();
        await using var next = await SseClient.OpenAsync(stage.Gateway, "subscribe=index:0001");
        (await next.NextAsync("subscribed")).Body.GetProperty("registered").GetBoolean().ShouldBeTrue();
        await next.NextAsync("record");
    }

    [Fact]
    public async Task A_quiet_stream_says_that_it_still_stands()
    {
        var time = new ManualTimeProvider();
        await using var stage = await Stage.OpenAsync(isDown: true, with: options => options with { TimeProvider = time });
        await using var stream = await SseClient.OpenAsync(stage.Gateway, "subscribe=index:0001");
        (await stream.NextAsync("subscribed")).Body.GetProperty("registered").GetBoolean().ShouldBeFalse();

        for (var i = 0; i < 4; i++)
            time.Advance(TimeSpan.FromSeconds(5));
        await stage.Gateway.StopAsync();

        (await stream.NextAsync("end")).Body.GetProperty("reason").GetString().ShouldBe("the gateway stops");
        stream.Comments.ShouldNotBeEmpty();
        stream.Comments.ShouldAllBe(comment => comment == ": heartbeat");
    }

    [Fact]
    public async Task A_head_request_gets_the_headers_alone()
    {
        await using var stage = await Stage.OpenAsync();
        using var http = new HttpClient { BaseAddress = stage.Gateway.RestUrl };
        using var request = new HttpRequestMessage(HttpMethod.Head, new Uri("/v1/stream?subscribe=index:0001", UriKind.Relative));
        using var response = await http.SendAsync(request);

        response.Content.Headers.ContentType!.MediaType.ShouldBe("text/event-stream");
        stage.Gateway.Status.Registrations.ShouldBeEmpty();
    }

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

    // Without what the gateway adds: id, feed, key and time of receipt. The time of the record stands in it too.
    private static string Members(JsonElement json) => string.Join(
        ',', json.EnumerateObject().Where(m => m.Name is not ("id" or "trId" or "key" or "tr_id" or "tr_key" or "receivedAt" or "received_at" or "timestamp")).Select(m => m.ToString()));
}
