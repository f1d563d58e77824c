using FsCheck;
using FsCheck.Fluent;

namespace KisFeed.Simulator.Tests.Market;

/// <summary>Runs a property for many market seeds, fewer by default. The message of a failure names the seed.</summary>
internal static class Seeds
{
    private const int FewRuns = 3;

    public static void Hold(int runs, Action<int> property)
    {
        var seeds = ArbMap.Default.GeneratorFor<int>().Select(seed => seed * 7919).ToArbitrary();
        Prop.ForAll(seeds, property).Check(Config.QuickThrowOnFailure.WithMaxTest(Math.Max(TestRun.Of(runs), Math.Min(runs, FewRuns))));
    }
}
