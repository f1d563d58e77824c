using KisFeed.Gateway.Tests.Broker;
using KisFeed.Simulator;

namespace KisFeed.Gateway.Tests.Web.Streaming;

/// <summary>A stream goes on where an earlier one ended, or says that it cannot.</summary>
public sealed class ResumeTests
{
    private static readonly SimulatorOptions s_brisk = new() { Rate = 300 };

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public async Task A_stream_goes_on_with_the_very_next_record(bool byHeader)
    {
        await using var stage = await Stage.OpenAsync(s_brisk);
        await using var witness = await SseClient.OpenAsync(stage.Gateway, "subscribe=index:0001,index:1001");
        string last;
        await using (var first = await SseClient.OpenAsync(stage.Gateway, "subscribe=index:0001,index:1001"))
            last = (await first.UntilAsync(e => e.IsRecord)).Id!;
        var expected = new List<StreamEvent> { await witness.UntilAsync(e => e.IsRecord && e.Number > NumberOf(last)) };
        while (expected.Count < 100)
            expected.Add(await witness.NextAsync("record"));

        await using var second = byHeader
            ? await SseClient.OpenAsync(stage.Gateway, "subscribe=index:0001,index:1001&last_event_id=another-1", ("Last-Event-ID", last))
            : await SseClient.OpenAsync(stage.Gateway, $"subscribe=index:0001,index:1001&last_event_id={last}");

        (await second.NextAsync("resumed")).Body.GetRawText().ShouldBe($$"""{"after":"{{last}}","complete":true}""");
        await second.NextAsync("subscribed");
        await second.NextAsync("subscribed");
        foreach (var e in expected)
            (await second.NextAsync("record")).Json.GetRawText().ShouldBe(e.Json.GetRawText());
        stage.Gateway.Status.StreamsResumed.ShouldBe(1);
    }

    [Theory]
    [InlineData("0123456789ab-17")]
    [InlineData("nonsense")]
    public async Task What_another_gateway_gave_cannot_be_gone_on_from_and_a_gap_says_so(string id)
    {
        await using var stage = await Stage.OpenAsync(s_brisk);
        await using var witness = await SseClient.OpenAsync(stage.Gateway, "subscribe=index:0001");
        var known = await witness.UntilAsync(e => e.IsRecord);

        await using var stream = await SseClient.OpenAsync(stage.Gateway, $"subscribe=index:0001&last_event_id={id}");

        (await stream.NextAsync("resumed")).Body.GetProperty("complete").GetBoolean().ShouldBeFalse();
        await stream.NextAsync("subscribed");
        var gap = await stream.NextAsync("gap");
        gap.Id.ShouldBeNull();
        gap.Body.GetProperty("reason").GetString().ShouldBe("connectionLost");
        var record = await stream.NextAsync("record");
        record.Id.ShouldBe(known.Id, "what this gateway knows already came after whatever that one gave");
        gap.Body.GetProperty("to").GetString().ShouldBe(record.Json.GetProperty("receivedAt").GetString());
        stage.Gateway.Status.StreamsResumedWithGaps.ShouldBe(1);
    }

    [Fact]
    public async Task An_empty_id_is_none()
    {
        await using var stage = await Stage.OpenAsync(s_brisk);

        await using var stream = await SseClient.OpenAsync(stage.Gateway, "subscribe=index:0001&last_event_id=");

        await stream.NextAsync("subscribed");
        stage.Gateway.Status.StreamsResumedWithGaps.ShouldBe(0);
    }

    [Fact]
    public async Task What_is_older_than_the_history_cannot_be_gone_on_from()
    {
        await using var stage = await Stage.OpenAsync(s_brisk, options => options with { HistoryBytes = 10_000 });
        await using var stream = await SseClient.OpenAsync(stage.Gateway, "subscribe=index:0001");
        var first = await stream.UntilAsync(e => e.IsRecord);
        for (var i = 0; i < 50; i++)
            await stream.NextAsync("record");

        await using var late = await SseClient.OpenAsync(stage.Gateway, $"subscribe=index:0001&last_event_id={first.Id}");

        (await late.NextAsync("resumed")).Body.GetProperty("complete").GetBoolean().ShouldBeFalse();
        await late.NextAsync("subscribed");
        var gap = await late.NextAsync("gap");
        var record = await late.NextAsync("record");
        record.Number.ShouldBeGreaterThan(first.Number + 1);
        gap.Body.GetProperty("to").GetString().ShouldBe(record.Json.GetProperty("receivedAt").GetString());
    }

    [Fact]
    public async Task What_was_given_back_upstream_meanwhile_is_a_gap_in_its_place()
    {
        await using var stage = await Stage.OpenAsync(s_brisk, options => options with { ReleaseGrace = TimeSpan.Zero });
        await using var witness = await SseClient.OpenAsync(stage.Gateway, "subscribe=index:1001");
        StreamEvent last;
        await using (var stream = await SseClient.OpenAsync(stage.Gateway, "subscribe=index:0001,index:1001"))
            last = await stream.UntilAsync(e => e.IsRecord && e.Key == "0001"); // A record of the other key may come before this one is registered.
        await stage.Log.EventAsync(71);
        var released = DateTimeOffset.UtcNow;
        await witness.UntilAsync(e => e.IsRecord && e.Json.GetProperty("receivedAt").GetDateTimeOffset() > released); // Streams get it behind the release.

        await using var next = await SseClient.OpenAsync(stage.Gateway, $"subscribe=index:0001,index:1001&last_event_id={last.Id}");

        (await next.NextAsync("resumed")).Body.GetProperty("complete").GetBoolean().ShouldBeFalse();
        var gap = await next.UntilAsync(e => e.Kind == "gap");
        gap.Key.ShouldBe("0001", "the other key was registered all the time");
        await next.UntilAsync(e => e.IsRecord && e.Key == "0001");
    }

    [Fact]
    public async Task An_upstream_that_is_restarted_under_load_is_a_gap_and_the_right_data_after_it()
    {
        await using var stage = await Stage.OpenAsync(s_brisk);
        await using var stream = await SseClient.OpenAsync(stage.Gateway, "subscribe=index:0001,index:1001");
        var seen = new List<StreamEvent>();
        await stream.UntilAsync(e => e.IsRecord && e.Key == "0001");
        await stream.UntilAsync(e => e.IsRecord && e.Key == "1001");

        await stage.RestartAsync(s_brisk with { StartAt = new TimeOnly(14, 0) });
        while (!(Has("0001") && Has("1001")))
            seen.Add((await stream.NextAsync()).ShouldNotBeNull());

        foreach (var key in (string[])["0001", "1001"])
        {
            var of = seen.Where(e => e.Kind is not "subscribed" && e.Key == key).ToList();
            var interruption = of.FindIndex(e => e.Kind == "interruption");
            var gap = of.FindIndex(e => e.Kind == "gap");
            interruption.ShouldBeGreaterThanOrEqualTo(0);
            gap.ShouldBe(interruption + 1, "nothing comes between");
            of[gap + 1].IsRecord.ShouldBeTrue();
            of[gap].Number.ShouldBe(of[gap + 1].Number - 1);
            of[gap].Body.GetProperty("to").GetString().ShouldBe(of[gap + 1].Json.GetProperty("receivedAt").GetString());
            of[gap].Body.GetProperty("reason").GetString().ShouldBe("connectionLost");
            of[gap].Body.GetProperty("missedVolume").ValueKind.ShouldBe(System.Text.Json.JsonValueKind.Number, "the volume of a day only grows");
            string.CompareOrdinal(of[gap + 1].Json.GetProperty("time").GetString(), "140000").ShouldBeGreaterThanOrEqualTo(0);
        }

        bool Has(string key) => seen.FindIndex(e => e.Kind == "gap" && e.Key == key) is >= 0 and var gap && seen.FindIndex(gap, e => e.IsRecord && e.Key == key) >= 0;
    }

    private static long NumberOf(string id) => new StreamEvent(id, "", default).Number;
}
