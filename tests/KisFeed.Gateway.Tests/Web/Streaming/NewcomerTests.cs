using KisFeed.Gateway.Streaming;

namespace KisFeed.Gateway.Tests.Web.Streaming;

/// <summary>Who comes while data may be missing is told so, whoever had the key before.</summary>
public sealed class NewcomerTests : IDisposable
{
    private readonly DispatcherWorld _world = new();

    public void Dispose() => _world.Dispose();

    [Theory]
    [InlineData("0001", false)]
    [InlineData("0001", true)]
    [InlineData("anna", false)]
    [InlineData("anna", true)]
    public void An_interruption_is_told_for_as_long_as_it_stands(string key, bool isKnown)
    {
        if (isKnown)
            _world.Open(null, key);
        _world.Confirm(key);
        KindsOf(_world.Open(null, key)).ShouldBe(["subscribed"]);
        _world.Interrupt(key);
        KindsOf(_world.Open(null, key, "1001")).ShouldBe(["subscribed", "subscribed", "interruption"]);
        _world.Confirm(key);
        KindsOf(_world.Open(null, key)).ShouldBe(["subscribed", "interruption"], "nothing has come yet that says what was missed");

        _world.Miss(key);

        KindsOf(_world.Open(null, key)).ShouldBe(["subscribed"]);
    }

    [Fact]
    public void An_interruption_ends_with_the_registration()
    {
        _world.Confirm("0001");
        _world.Interrupt("0001");
        _world.Release("0001");

        KindsOf(_world.Open(null, "0001")).ShouldBe(["subscribed"]);
    }

    [Fact]
    public void Who_goes_on_is_told_once()
    {
        _world.Confirm("0001");
        var first = _world.Open(null, "0001");
        _world.Record("0001");
        var last = _world.Take(first)[^1].Id!;
        _world.Interrupt("0001");
        var interrupted = _world.Take(first)[^1].Id!;

        KindsOf(_world.Open(new StreamStart(last, HasSnapshot: true), "0001")).ShouldBe(["resumed", "subscribed", "interruption"]);
        KindsOf(_world.Open(new StreamStart(interrupted, HasSnapshot: true), "0001")).ShouldBe(["resumed", "subscribed", "interruption"], "it may not have had this key then");
        KindsOf(_world.Open(new StreamStart("0123456789ab-17", HasSnapshot: true), "0001")).ShouldBe(["resumed", "subscribed", "gap", "record", "interruption"]);
    }

    private IEnumerable<string> KindsOf(StreamConsumer stream) => _world.Take(stream).Select(e => e.Kind);
}
