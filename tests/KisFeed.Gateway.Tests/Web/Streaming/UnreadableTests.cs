using System.Text.Json;
using KisFeed.Gateway.Streaming;

namespace KisFeed.Gateway.Tests.Web.Streaming;

/// <summary>Frames that cannot be read, and of which not even the feed can be told.</summary>
public sealed class UnreadableTests : IDisposable
{
    private readonly DispatcherWorld _world = new();

    public void Dispose() => _world.Dispose();

    [Theory]
    [InlineData("0|H0UPCNT0|x|0001^091240", "H0UPCNT0", true)]
    [InlineData("0|H0IFCNI0|x|anna^1234567801", "H0IFCNI0", false)]
    [InlineData("1|H0IFCNI9|x|c2VjcmV0", "H0IFCNI9", false)]
    [InlineData("0|H0ABCDE0|001|anna^1234567801", null, false)]
    [InlineData("anna^1234567801^0000001", null, false)]
    [InlineData("0|H0UPCNT0", null, false)]
    [InlineData("2|H0UPCNT0|001|0001", null, false)]
    [InlineData("", null, false)]
    public void Every_stream_is_told_and_sees_only_what_is_surely_no_order_notice(string raw, string? trId, bool isShown)
    {
        var index = _world.Open(null, "0001", "1001");
        var notices = _world.Open(null, "anna");
        var idle = _world.Open(null);

        _world.Garble(raw);

        foreach (var stream in (StreamConsumer[])[index, notices])
        {
            var malformed = _world.Take(stream).Where(e => e.Kind != "subscribed").ShouldHaveSingleItem();
            malformed.Kind.ShouldBe("malformed");
            malformed.Id.ShouldNotBeNull();
            malformed.Json.GetProperty("trId").GetString().ShouldBe(trId);
            malformed.Json.GetProperty("key").ValueKind.ShouldBe(JsonValueKind.Null);
            malformed.Json.TryGetProperty("raw", out var shown).ShouldBe(isShown);
            if (isShown)
                shown.GetString().ShouldBe(raw);
            else
                malformed.Json.TryGetProperty("rawBase64", out _).ShouldBeFalse();
        }

        _world.Take(idle).ShouldBeEmpty("what has no key misses nothing");
    }

    [Fact]
    public void Who_comes_back_is_told_too_and_once()
    {
        var witness = _world.Open(null, "0001", "1001");
        _world.Record("0001");
        var last = _world.Take(witness)[^1].Id!;
        _world.Garble("anna^1234567801");

        var stream = _world.Open(new StreamStart(last, HasSnapshot: false), "0001", "1001");

        _world.Take(stream).Select(e => e.Kind).ShouldBe(["resumed", "subscribed", "subscribed", "malformed"]);
    }
}
