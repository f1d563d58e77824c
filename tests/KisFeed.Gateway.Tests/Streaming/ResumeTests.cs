using KisFeed.Gateway.Tests.Broker;
using KisFeed.Gateway.Tests.Web;
using KisFeed.Simulator;

namespace KisFeed.Gateway.Tests.Streaming;

/// <summary>Resuming a stream after an id.</summary>
public sealed class ResumeTests(SharedGateway shared) : IClassFixture<SharedGateway>
{
    private static readonly SimulatorOptions s_fastReconnect = new() { Rate = 300 };

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public async Task A_resumed_stream_continues_with_the_next_record(bool usesHeader)
    {
        await using var testGateway = await TestGateway.OpenAsync(s_fastReconnect);
        await using var verifier = await SseClient.OpenAsync(testGateway.Gateway, "subscribe=index:0001,index:1001");
        string last;
        await using (var first = await SseClient.OpenAsync(testGateway.Gateway, "subscribe=index:0001,index:1001"))
            last = (await first.UntilAsync("record")).Id!;
        var expected = new List<StreamEvent> { await verifier.UntilAsync(e => e.IsRecord && e.Number > NumberOf(last)) };
        while (expected.Count < 100)
            expected.Add(await verifier.NextAsync("record"));

        await using var second = await SseClient.OpenAsync(
            testGateway.Gateway,
            $"subscribe=index:0001,index:1001&last_event_id={(usesHeader ? "another-1" : last)}",
            usesHeader ? [$"Last-Event-ID: {last}"] : []);

        (await second.NextAsync("resumed")).Body.GetRawText().ShouldBe($$"""{"after":"{{last}}","complete":true}""");
        await second.NextAsync("subscribed");
        await second.NextAsync("subscribed");
        foreach (var e in expected)
            (await second.NextAsync("record")).Json.GetRawText().ShouldBe(e.Json.GetRawText());
        testGateway.Status.Totals.StreamsResumed.ShouldBe(1);
    }

    [Theory]
    [InlineData("0123456789ab-17")]
    [InlineData("0123456789ab-17-8de2a90f1c3b2a8.1")]
    public async Task An_id_of_another_gateway_cannot_be_resumed_and_gives_a_gap(string id)
    {
        await using var testGateway = await TestGateway.OpenAsync(s_fastReconnect);
        await using var verifier = await SseClient.OpenAsync(testGateway.Gateway, "subscribe=index:0001");
        var known = await verifier.UntilAsync("record");

        await using var stream = await SseClient.OpenAsync(testGateway.Gateway, $"subscribe=index:0001&last_event_id={id}");

        var (gap, record) = await ReadGapAsync(stream);
        gap.Id.ShouldBeNull();
        gap.Text("reason").ShouldBe("connectionLost");
        record.Id.ShouldBe(known.Id, "the items of this gateway are later than those of the other one");
        testGateway.Status.Totals.StreamsResumedWithGaps.ShouldBe(1);
    }

    [Theory]
    [InlineData("nonsense")]
    [InlineData("0123456789ab-17-ffffffffffffffff.1")]
    [InlineData("0123456789ab-17-2bca2875f4373fff.1")]
    [InlineData("0123456789ab--8de2a90f1c3b2a8.1")]
    public async Task A_text_that_is_not_an_id_is_refused(string id)
    {
        var testGateway = shared.BeginTest();

        (await testGateway.GetAsync($"/v1/stream?subscribe=index:0001&last_event_id={id}")).ShouldBeProblem(400, "badParameter");
        (await testGateway.GetAsync("/v1/stream?subscribe=index:0001", $"Last-Event-ID: {id}")).Status.ShouldBe(400);
        (await testGateway.GetAsync($"/v1/stream?last_event_id={id}", WebClient.Upgrade)).Status.ShouldBe(400);
    }

    [Fact]
    public async Task An_empty_id_is_ignored()
    {
        await using var testGateway = await TestGateway.OpenAsync(s_fastReconnect);

        await using var stream = await SseClient.OpenAsync(testGateway.Gateway, "subscribe=index:0001&last_event_id=");

        await stream.NextAsync("subscribed");
        testGateway.Status.Totals.StreamsResumedWithGaps.ShouldBe(0);
    }

    [Fact]
    public async Task An_id_older_than_the_replay_buffer_cannot_be_resumed()
    {
        await using var testGateway = await TestGateway.OpenAsync(s_fastReconnect, options => options with { ReplayBufferBytes = 10_000 });
        await using var stream = await SseClient.OpenAsync(testGateway.Gateway, "subscribe=index:0001");
        var first = await stream.UntilAsync("record");
        for (var i = 0; i < 50; i++)
            await stream.NextAsync("record");

        await using var late = await SseClient.OpenAsync(testGateway.Gateway, $"subscribe=index:0001&last_event_id={first.Id}");

        (await ReadGapAsync(late)).Record.Number.ShouldBeGreaterThan(first.Number + 1);
    }

    [Fact]
    public async Task A_release_meanwhile_is_a_gap_in_its_position()
    {
        await using var testGateway = await TestGateway.OpenAsync(
            s_fastReconnect, options => options with { ReleaseGrace = TimeSpan.Zero });
        await using var verifier = await SseClient.OpenAsync(testGateway.Gateway, "subscribe=index:1001");
        StreamEvent last;
        await using (var stream = await SseClient.OpenAsync(testGateway.Gateway, "subscribe=index:0001,index:1001"))
            // A record of the other key may arrive before this one is registered.
            last = await stream.UntilAsync(e => e.IsRecord && e.Key == "0001");
        await testGateway.Log.EventAsync("ReleasedUpstream");
        var released = DateTimeOffset.UtcNow;
        // Streams receive the gap after the release.
        await verifier.UntilAsync(e => e.IsRecord && e.Json.GetProperty("receivedAt").GetDateTimeOffset() > released);

        await using var next = await SseClient.OpenAsync(testGateway.Gateway, $"subscribe=index:0001,index:1001&last_event_id={last.Id}");

        (await next.NextAsync("resumed")).Body.GetProperty("complete").GetBoolean().ShouldBeFalse();
        var gap = await next.UntilAsync("gap");
        gap.Key.ShouldBe("0001", "the other key stayed registered");
        await next.UntilAsync(e => e.IsRecord && e.Key == "0001");
    }

    [Fact]
    public async Task A_restart_of_upstream_under_load_is_a_gap_followed_by_the_right_data()
    {
        await using var testGateway = await TestGateway.OpenAsync(s_fastReconnect);
        await using var stream = await SseClient.OpenAsync(testGateway.Gateway, "subscribe=index:0001,index:1001");
        var seen = new List<StreamEvent>();
        await stream.UntilAsync(e => e.IsRecord && e.Key == "0001");
        await stream.UntilAsync(e => e.IsRecord && e.Key == "1001");

        await testGateway.RestartAsync(s_fastReconnect with { StartAt = new TimeOnly(14, 0) });
        while (!(HasGapAndRecord("0001") && HasGapAndRecord("1001")))
            seen.Add((await stream.NextAsync()).ShouldNotBeNull());

        foreach (var key in (string[])["0001", "1001"])
        {
            var of = seen.Where(e => e.Kind is not "subscribed" && e.Key == key).ToList();
            var interruption = of.FindIndex(e => e.Kind == "interruption");
            var gap = of.FindIndex(e => e.Kind == "gap");
            interruption.ShouldBeGreaterThanOrEqualTo(0);
            gap.ShouldBe(interruption + 1, "no item comes between them");
            of[gap + 1].IsRecord.ShouldBeTrue();
            of[gap].Number.ShouldBe(of[gap + 1].Number - 1);
            of[gap].Text("to").ShouldBe(of[gap + 1].Text("receivedAt"));
            of[gap].Text("reason").ShouldBe("connectionLost");
            of[gap].Body.GetProperty("missedVolume").ValueKind
                .ShouldBe(System.Text.Json.JsonValueKind.Number, "the accumulated volume only increases");
            string.CompareOrdinal(of[gap + 1].Json.GetProperty("time").GetString(), "140000").ShouldBeGreaterThanOrEqualTo(0);
        }

        bool HasGapAndRecord(string key) => seen.FindIndex(e => e.Kind == "gap" && e.Key == key) is >= 0 and var gap
            && seen.FindIndex(gap, e => e.IsRecord && e.Key == key) >= 0;
    }

    private static async Task<(StreamEvent Gap, StreamEvent Record)> ReadGapAsync(SseClient resumed)
    {
        (await resumed.NextAsync("resumed")).Body.GetProperty("complete").GetBoolean().ShouldBeFalse();
        await resumed.NextAsync("subscribed");
        var (gap, record) = (await resumed.NextAsync("gap"), await resumed.NextAsync("record"));
        gap.Text("to").ShouldBe(record.Text("receivedAt"));
        return (gap, record);
    }

    private static long NumberOf(string id) => new StreamEvent(id, "", default).Number;
}
