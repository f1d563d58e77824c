using KisFeed.Capture;
using KisFeed.Simulator.Replay;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.WebUtilities;

namespace KisFeed.Simulator.Tests.Replay;

public sealed class ReplayQueryTests
{
    private static readonly ReplayOptions s_common = ReplayHarness.Options with { Speed = 3, Wait = 5, From = CaptureTime.At(new TimeOnly(9, 0)) };

    [Fact]
    public void Parameters_of_an_address_replace_the_defaults()
    {
        Read("?from=10:30&to=2026-11-20T11:00&speed=max&loop=true&wait=2").ShouldBe(ReplayHarness.Options with
        {
            From = CaptureTime.At(new TimeOnly(10, 30)),
            To = CaptureTime.At(new DateTimeOffset(2026, 11, 20, 11, 0, 0, TimeSpan.FromHours(9))),
            Speed = ReplaySpeed.Unlimited,
            Loop = true,
            Wait = 2,
        });
        Read("?speed=0.5").ShouldBe(s_common with { Speed = 0.5 });
        Read("?loop").ShouldBe(s_common with { Loop = true });
        Read("").ShouldBe(s_common);
    }

    [Theory]
    [InlineData("?speed=0", "speed")]
    [InlineData("?speed=-1", "speed")]
    [InlineData("?speed=fast", "speed")]
    [InlineData("?speed=1e3", "speed")]
    [InlineData("?from=9", "from")]
    [InlineData("?to=", "to")]
    [InlineData("?wait=0", "wait")]
    [InlineData("?wait=1.5", "wait")]
    [InlineData("?loop=perhaps", "loop")]
    [InlineData("?to=08:59", "from (09:00:00) is not before to (08:59:00)")]
    [InlineData("?from=2026-11-20&to=2026-11-20", "nothing lies between them")]
    [InlineData("?sped=10", "sped")]
    [InlineData("?speed=1&speed=2", "speed")]
    public void Invalid_parameters_are_named_with_the_valid_values(string query, string parameter)
    {
        ReplayQuery.TryRead(Query(query), s_common, out _, out var error).ShouldBeFalse();
        error.ShouldContain($"{parameter}");
        error.Length.ShouldBeGreaterThan(20);
    }

    [Theory]
    [InlineData("1", 1)]
    [InlineData("0.25", 0.25)]
    [InlineData("MAX", double.PositiveInfinity)]
    public void Speeds_are_parsed_independently_of_the_culture(string text, double speed)
    {
        var culture = CultureInfo.CurrentCulture;
        ReplaySpeed.TryParse(text, out var read).ShouldBeTrue(culture.Name);
        read.ShouldBe(speed);
    }

    private static ReplayOptions Read(string query)
    {
        ReplayQuery.TryRead(Query(query), s_common, out var options, out var error).ShouldBeTrue(error);
        return options;
    }

    private static QueryCollection Query(string query) => new(QueryHelpers.ParseQuery(query));
}
