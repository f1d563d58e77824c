using System.Globalization;

namespace KisFeed.Testing;

/// <summary>
/// How much the tests do that repeat one thing very often, and with which seed. <c>KISFEED_TESTS=all</c> runs all of it; otherwise a tenth. <c>KISFEED_TEST_SEED</c> is the seed; otherwise 1.
/// <c>./test.sh --all</c> sets both, with a new seed that it prints.
/// </summary>
internal static class TestRun
{
    private const int PartOfAll = 10;

    /// <summary>Whether everything runs.</summary>
    public static bool IsFull { get; } = Environment.GetEnvironmentVariable("KISFEED_TESTS") == "all";

    /// <summary>The seed of this run. A failure prints it.</summary>
    public static int Seed { get; } = NumberOf("KISFEED_TEST_SEED") ?? 1;

    /// <summary>How many of so many repetitions run.</summary>
    public static int Of(int all) => IsFull ? all : all / PartOfAll;

    /// <summary>The same, or as many as a variable says.</summary>
    public static int Of(int all, string variable) => NumberOf(variable) ?? Of(all);

    /// <summary>The seed of a variable for one test alone, otherwise the seed of this run.</summary>
    public static int SeedFrom(string variable) => NumberOf(variable) ?? Seed;

    private static int? NumberOf(string variable) => Environment.GetEnvironmentVariable(variable) is { Length: > 0 } text ? int.Parse(text, CultureInfo.InvariantCulture) : null;
}
