using System.CommandLine;

namespace KisFeed.Benchmarks;

/// <summary>
/// <c>--brief</c> of every command: a run of seconds that shows only that the command works. The tests run every command with it.
/// </summary>
internal static class BriefOption
{
    public const string Name = "--brief";

    private static readonly Option<bool> s_option = new(Name)
    {
        Description = "A run of seconds that shows only that the benchmark works; its figures mean nothing.",
        Recursive = true,
    };

    /// <summary>Adds the option to the root command.</summary>
    public static void AddTo(RootCommand command) => command.Add(s_option);

    /// <summary>Whether the run is brief.</summary>
    public static bool IsBrief(this ParseResult arguments) => arguments.GetValue(s_option);
}
