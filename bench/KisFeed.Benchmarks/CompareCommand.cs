using System.CommandLine;
using KisFeed.Benchmarks.Comparing;
using Spectre.Console;

namespace KisFeed.Benchmarks;

/// <summary><c>compare</c>: quick comparisons of KisFeed with baselines.</summary>
internal sealed class CompareCommand : Command, IHasExamples
{
    private const string All = "all";
    private const int UnlimitedWidth = 400;

    private readonly IReadOnlyList<IBenchmarkSuite> _suites;
    private readonly Argument<string> _suite;
    private readonly Option<bool> _json = new("--json") { Description = "One JSON document instead of tables." };

    public CompareCommand(IReadOnlyList<IBenchmarkSuite> suites)
        : base("compare", "Measures KisFeed and baselines alternately in one run, within a minute per suite.")
    {
        _suites = suites;
        _suite = new Argument<string>("what") { Description = $"What to measure.\n{string.Join('\n', suites.Select(c => $"{c.Name}: {c.Description}"))}", DefaultValueFactory = _ => All };
        _suite.AcceptOnlyFromAmong([All, .. suites.Select(c => c.Name)]);
        Add(_suite);
        Add(_json);
        SetAction(RunAsync);
    }

    public IReadOnlyList<(string Line, string Purpose)> Examples =>
    [
        ("compare", "all suites, which take some minutes"),
        ("compare fanout", "one suite"),
        ("compare all --json > figures.json", "results as JSON"),
    ];

    private async Task<int> RunAsync(ParseResult arguments, CancellationToken cancellationToken)
    {
        var suiteName = arguments.GetRequiredValue(_suite);
        var isJson = arguments.GetValue(_json);
        var machine = Machine.Current();
        var console = AnsiConsole.Console;
        if (Console.IsOutputRedirected)
            console.Profile.Width = UnlimitedWidth;
        if (!isJson)
            ComparisonTable.Write(console, machine);

        List<Comparison> comparisons = [];
        foreach (var suite in _suites.Where(c => suiteName == All || suiteName == c.Name))
        {
            await foreach (var comparison in suite.RunAsync(new Rounds(ShowProgress), cancellationToken))
            {
                ShowProgress("");
                comparisons.Add(comparison);
                if (!isJson)
                    ComparisonTable.Write(console, comparison);
            }
        }

        if (isJson)
            Console.WriteLine(ComparisonJson.Write(machine, comparisons));
        return 0;
    }

    // One line that is overwritten; only on a terminal.
    private static void ShowProgress(string text)
    {
        if (!Console.IsErrorRedirected)
            Console.Error.Write($"\r\e[K{text}");
    }
}
