using FsCheck;
using FsCheck.Fluent;

namespace KisFeed.Simulator.Tests.Market;

/// <summary>Runs a property for many market seeds. The message of a failure names the seed.</summary>
internal static class Seeds
{
    public static void Hold(int runs, Action<int> property)
    {
        var seeds = ArbMap.Default.GeneratorFor<int>().Select(seed => seed * 7919).ToArbitrary();
        Prop.ForAll(seeds, property).Check(Config.QuickThrowOnFailure.WithMaxTest(runs));
    }
}
