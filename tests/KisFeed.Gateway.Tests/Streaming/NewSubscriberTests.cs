using KisFeed.Feeds;
using KisFeed.Gateway.Dispatching;

namespace KisFeed.Gateway.Tests.Streaming;

/// <summary>New streams during an interruption.</summary>
public sealed class NewSubscriberTests : IDisposable
{
    private readonly DispatcherHarness _harness = new();

    public void Dispose() => _harness.Dispose();

    [Theory]
    [InlineData("0001", false)]
    [InlineData("0001", true)]
    [InlineData("anna", false)]
    [InlineData("anna", true)]
    public void An_interruption_is_sent_to_new_streams_while_it_lasts(string key, bool isKnown)
    {
        if (isKnown)
            _harness.Open(null, key);
        _harness.Confirm(key);
        _harness.ReadKinds(_harness.Open(null, key)).ShouldBe(["subscribed"]);
        _harness.Interrupt(key);
        _harness.ReadKinds(_harness.Open(null, key, "1001")).ShouldBe(["subscribed", "subscribed", "interruption"]);
        _harness.Confirm(key);
        _harness.ReadKinds(_harness.Open(null, key)).ShouldBe(["subscribed", "interruption"], "the missed data are not known yet");

        _harness.AddGap(key);

        _harness.ReadKinds(_harness.Open(null, key)).ShouldBe(["subscribed"]);
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public void A_stream_that_joins_between_a_gap_and_its_record_reads_both_from_the_recording(bool isKnown)
    {
        if (isKnown)
            _harness.Open(null, "0001");
        _harness.Record("0001");
        var readUntil = _harness.Time.GetUtcNow().AddTicks(1);
        var joining = _harness.Open(null, "1001");
        _harness.ReadKinds(joining).ShouldBe(["subscribed"]);
        _harness.AddGap("0001");

        var join = _harness.Dispatcher.Join(
            [StreamDispatcher.NewSubscription(joining, new StreamTarget(IndexTrade.Feed.Schema, "0001"))], readUntil);
        _harness.Record("0001");

        join.LastAt.ShouldBe(_harness.Time.GetUtcNow());
        _harness.ReadKinds(joining).ShouldBeEmpty();
        _harness.Record("0001");
        _harness.ReadKinds(joining).ShouldBe(["record"]);
    }

    [Fact]
    public void An_interruption_ends_with_the_registration()
    {
        _harness.Confirm("0001");
        _harness.Interrupt("0001");
        _harness.Release("0001");

        _harness.ReadKinds(_harness.Open(null, "0001")).ShouldBe(["subscribed"]);
    }

    [Fact]
    public void A_resumed_stream_receives_an_interruption_once()
    {
        _harness.Confirm("0001");
        var first = _harness.Open(null, "0001");
        _harness.Record("0001");
        var last = _harness.ReadQueue(first)[^1].Id!;
        _harness.Interrupt("0001");
        var interrupted = _harness.ReadQueue(first)[^1].Id!;

        _harness.ReadKinds(_harness.Open(new StreamStart(last, HasSnapshot: true), "0001"))
            .ShouldBe(["resumed", "subscribed", "interruption"]);
        _harness.ReadKinds(_harness.Open(new StreamStart(interrupted, HasSnapshot: true), "0001"))
            .ShouldBe(["resumed", "subscribed", "interruption"], "the stream may not have had this key then");
        _harness.ReadKinds(_harness.Open(new StreamStart("0123456789ab-17", HasSnapshot: true), "0001"))
            .ShouldBe(["resumed", "subscribed", "gap", "record", "interruption"]);
    }
}
