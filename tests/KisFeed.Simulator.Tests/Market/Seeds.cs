using FsCheck;
using FsCheck.Fluent;

namespace KisFeed.Simulator.Tests.Market;

/// <summary>Checks a property for several random market seeds. The failure message contains the seed.</summary>
internal static class Seeds
{
    private const int MinRuns = 3;

    public static void Check(int runs, Action<int> property)
    {
        var seeds = ArbMap.Default.GeneratorFor<int>().Select(seed => seed * 7919).ToArbitrary();
        Prop.ForAll(seeds, property).Check(Config.QuickThrowOnFailure.WithMaxTest(Math.Max(TestRun.Of(runs), Math.Min(runs, MinRuns))));
    }
}
