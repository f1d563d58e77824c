namespace KisFeed.TestSupport;

/// <summary>
/// How often tests repeat what they do very often, and with which seed. <c>KISFEED_TESTS=all</c> runs all repetitions, otherwise a tenth of
/// them run. <c>KISFEED_TEST_SEED</c> is the seed [1]. <c>./test.sh --all</c> sets both, with a new seed that it prints.
/// </summary>
internal static class TestRun
{
    /// <summary>
    /// The name of a trait: <c>[Trait(TestRun.Length, TestRun.Long)]</c> stands at a test that takes too long for
    /// <c>./test.sh</c> without <c>--all</c>.
    /// </summary>
    public const string Length = "Length";

    /// <summary>The value of <see cref="Length"/>.</summary>
    public const string Long = "Long";

    private const int Divisor = 10;

    /// <summary>Whether all repetitions run.</summary>
    public static bool IsFull { get; } = Environment.GetEnvironmentVariable("KISFEED_TESTS") == "all";

    /// <summary>The seed of this run. A failure prints it.</summary>
    public static int Seed { get; } = NumberOf("KISFEED_TEST_SEED") ?? 1;

    /// <summary>The number of repetitions to run.</summary>
    public static int Of(int all) => IsFull ? all : all / Divisor;

    /// <summary>The number of repetitions to run, or the value of a variable.</summary>
    public static int Of(int all, string variable) => NumberOf(variable) ?? Of(all);

    /// <summary>The seed in a variable for a single test, otherwise the seed of this run.</summary>
    public static int SeedFrom(string variable) => NumberOf(variable) ?? Seed;

    /// <summary>A length of time: the number of seconds in a variable, otherwise the default.</summary>
    public static TimeSpan TimeOf(string variable, int seconds) => TimeSpan.FromSeconds(NumberOf(variable) ?? seconds);

    private static int? NumberOf(string variable) =>
        Environment.GetEnvironmentVariable(variable) is { Length: > 0 } text
            ? int.Parse(text, System.Globalization.CultureInfo.InvariantCulture)
            : null;
}
