using System.CommandLine;
using KisFeed.Benchmarks.Comparing;
using Spectre.Console;

namespace KisFeed.Benchmarks;

/// <summary><c>compare</c>: ours beside what else there is, quickly.</summary>
internal sealed class CompareCommand : Command, IHasExamples
{
    private const string All = "all";
    private const int UnlimitedWidth = 400;

    private readonly IReadOnlyList<IContest> _contests;
    private readonly Argument<string> _what;
    private readonly Option<bool> _json = new("--json") { Description = "One JSON document instead of tables." };

    public CompareCommand(IReadOnlyList<IContest> contests)
        : base("compare", "Measures ours beside the others in one run, in turns, within a minute each.")
    {
        _contests = contests;
        _what = new Argument<string>("what") { Description = $"What to measure.\n{string.Join('\n', contests.Select(c => $"{c.Name}: {c.Description}"))}", DefaultValueFactory = _ => All };
        _what.AcceptOnlyFromAmong([All, .. contests.Select(c => c.Name)]);
        Add(_what);
        Add(_json);
        SetAction(RunAsync);
    }

    public IReadOnlyList<(string Line, string Does)> Examples =>
    [
        ("compare", "all of it: some minutes"),
        ("compare fanout", "one of them"),
        ("compare all --json > figures.json", "for a program to read"),
    ];

    private async Task<int> RunAsync(ParseResult arguments, CancellationToken cancellationToken)
    {
        var what = arguments.GetRequiredValue(_what);
        var isJson = arguments.GetValue(_json);
        var machine = Machine.Current();
        var console = AnsiConsole.Console;
        if (Console.IsOutputRedirected)
            console.Profile.Width = UnlimitedWidth;
        if (!isJson)
            ComparisonTable.Write(console, machine);

        List<Comparison> comparisons = [];
        foreach (var contest in _contests.Where(c => what == All || what == c.Name))
        {
            await foreach (var comparison in contest.RunAsync(new Rounds(Tell), cancellationToken))
            {
                Tell("");
                comparisons.Add(comparison);
                if (!isJson)
                    ComparisonTable.Write(console, comparison);
            }
        }

        if (isJson)
            Console.WriteLine(ComparisonJson.Write(machine, comparisons));
        return 0;
    }

    // One line that is written over, and only where somebody looks at it.
    private static void Tell(string text)
    {
        if (!Console.IsErrorRedirected)
            Console.Error.Write($"\r\e[K{text}");
    }
}
