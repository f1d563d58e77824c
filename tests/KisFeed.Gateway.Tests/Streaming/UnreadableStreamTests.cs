using System.Text.Json;
using KisFeed.Gateway.Dispatching;

namespace KisFeed.Gateway.Tests.Streaming;

/// <summary>Unreadable frames whose feed is unknown.</summary>
public sealed class UnreadableStreamTests : IDisposable
{
    private readonly DispatcherHarness _harness = new();

    public void Dispose() => _harness.Dispose();

    [Theory]
    [InlineData("0|H0UPCNT0|x|0001^091240", "H0UPCNT0", true)]
    [InlineData("0|H0IFCNI0|x|anna^1234567801", "H0IFCNI0", false)]
    [InlineData("1|H0IFCNI9|x|c2VjcmV0", "H0IFCNI9", false)]
    [InlineData("0|H0ABCDE0|001|anna^1234567801", null, false)]
    [InlineData("anna^1234567801^0000001", null, false)]
    [InlineData("0|H0UPCNT0", null, false)]
    [InlineData("2|H0UPCNT0|001|0001", null, false)]
    [InlineData("", null, false)]
    public void Every_stream_is_notified_and_sees_no_possible_order_notice(string raw, string? trId, bool isShown)
    {
        var index = _harness.Open(null, "0001", "1001");
        var notices = _harness.Open(null, "anna");
        var idle = _harness.Open(null);

        _harness.AddMalformed(raw);

        foreach (var stream in (StreamOutlet[])[index, notices])
        {
            var malformed = _harness.ReadQueue(stream).Where(e => e.Kind != "subscribed").ShouldHaveSingleItem();
            malformed.Kind.ShouldBe("malformed");
            malformed.Id.ShouldNotBeNull();
            malformed.Json.ShouldHave($$"""{"trId":{{JsonSerializer.Serialize(trId)}},"key":null}""");
            malformed.Json.TryGetProperty("raw", out var shown).ShouldBe(isShown);
            if (isShown)
                shown.GetString().ShouldBe(raw);
            else
                malformed.Json.TryGetProperty("rawBase64", out _).ShouldBeFalse();
        }

        _harness.ReadQueue(idle).ShouldBeEmpty("an item without a key is not a gap");
    }

    [Fact]
    public void A_resumed_stream_is_notified_once()
    {
        var verifier = _harness.Open(null, "0001", "1001");
        _harness.Record("0001");
        var last = _harness.ReadQueue(verifier)[^1].Id!;
        _harness.AddMalformed("anna^1234567801");

        var stream = _harness.Open(new StreamStart(last, HasSnapshot: false), "0001", "1001");

        _harness.ReadKinds(stream).ShouldBe(["resumed", "subscribed", "subscribed", "malformed"]);
    }
}
