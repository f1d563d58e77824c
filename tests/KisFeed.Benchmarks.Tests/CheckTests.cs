using KisFeed.Benchmarks.Checking;
using KisFeed.Benchmarks.Comparing;

namespace KisFeed.Benchmarks.Tests;

public sealed class CheckTests
{
    private static readonly Limit s_atLeast = new("a", "×", Bound.AtLeast, Reference: 3, Margin: 1.5);
    private static readonly Limit s_atMost = new("b", "", Bound.AtMost, Reference: 10, Margin: 2);

    [Theory]
    [InlineData(2, 20, true)]
    [InlineData(1.99, 20, false)]
    [InlineData(2, 20.1, false)]
    [InlineData(double.NaN, 20, false)]
    [InlineData(2, double.NaN, false)]
    public void A_limit_is_the_reference_with_its_margin(double atLeast, double atMost, bool holds) =>
        (s_atLeast.Allows(atLeast) && s_atMost.Allows(atMost)).ShouldBe(holds);

    [Fact]
    public async Task Values_within_their_limits_are_measured_once()
    {
        var results = await MeasureAsync([2.5, 1.0], isRepeated: true);

        results.ShouldHaveSingleItem().ShouldBe(new CheckResult(s_atLeast, 2.5));
    }

    [Theory]
    [InlineData(2.5, true)]
    [InlineData(1.8, false)]
    public async Task A_miss_is_measured_again_and_the_second_value_counts(double second, bool holds)
    {
        var results = await MeasureAsync([1.5, second, 9], isRepeated: true);

        results.ShouldHaveSingleItem().ShouldBe(new CheckResult(s_atLeast, second, Missed: 1.5));
        results[0].Holds.ShouldBe(holds);
    }

    [Fact]
    public async Task A_brief_run_measures_once() => (await MeasureAsync([1.5, 3], isRepeated: false))[0].Value.ShouldBe(1.5);

    private static Task<IReadOnlyList<CheckResult>> MeasureAsync(double[] values, bool isRepeated)
    {
        var next = 0;
        return CheckRun.MeasureAsync(
            _ => Task.FromResult<IReadOnlyList<CheckResult>>([new CheckResult(s_atLeast, values[next++])]),
            isRepeated,
            CancellationToken.None);
    }
}
