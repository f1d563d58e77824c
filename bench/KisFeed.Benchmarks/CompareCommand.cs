using System.CommandLine;
using KisFeed.Benchmarks.Comparing;
using Spectre.Console;

namespace KisFeed.Benchmarks;

/// <summary><c>compare</c>: quick comparisons of KisFeed with baselines. Each suite is a command; without one all run.</summary>
internal sealed class CompareCommand : Command, IHasExamples
{
    private const int UnlimitedWidth = 400;

    private readonly Option<bool> _json = new("--json") { Description = "One JSON document instead of tables.", Recursive = true };
    private readonly Option<bool> _updateDocs = ResultPage.NewOption();

    public CompareCommand(IReadOnlyList<IBenchmarkSuite> suites)
        : base("compare", "Measures KisFeed and baselines alternately in one run, within a minute per suite.")
    {
        Add(_json);
        Add(_updateDocs);
        SetAction((arguments, cancellationToken) => RunAsync(suites, arguments, cancellationToken));
        foreach (var suite in suites)
        {
            var command = new Command(suite.Name, suite.Description);
            command.SetAction((arguments, cancellationToken) => RunAsync([suite], arguments, cancellationToken));
            Add(command);
        }
    }

    public IReadOnlyList<(string Line, string Purpose)> Examples =>
    [
        ("compare", "all suites, which take some minutes"),
        ("compare fanout", "one suite"),
        ("compare --json > figures.json", "results as JSON"),
        ("compare decode --update-docs", "one suite, its results written to docs/performance.md"),
    ];

    private async Task<int> RunAsync(IReadOnlyList<IBenchmarkSuite> suites, ParseResult arguments, CancellationToken cancellationToken)
    {
        var isJson = arguments.GetValue(_json);
        var page = arguments.GetValue(_updateDocs) ? await ResultPage.OpenAsync(cancellationToken) : null;
        var machine = Machine.Current();
        var console = AnsiConsole.Console;
        if (Console.IsOutputRedirected)
            console.Profile.Width = UnlimitedWidth;
        if (!isJson)
            ComparisonTable.Write(console, machine);

        List<Comparison> comparisons = [];
        foreach (var suite in suites)
        {
            List<Comparison> ofSuite = [];
            await foreach (var comparison in suite.RunAsync(new Rounds(Progress.Show, arguments.IsBrief()), cancellationToken))
            {
                Progress.Show("");
                ofSuite.Add(comparison);
                if (!isJson)
                    ComparisonTable.Write(console, comparison);
            }

            comparisons.AddRange(ofSuite);
            page?.Replace(suite.Name, $"compare {suite.Name}", machine, ComparisonMarkdown.Write(ofSuite));
        }

        if (isJson)
            Console.WriteLine(ComparisonJson.Write(machine, comparisons));
        return 0;
    }
}

/// <summary>One line on a terminal that is overwritten.</summary>
internal static class Progress
{
    public static void Show(string text)
    {
        if (!Console.IsErrorRedirected)
            Console.Error.Write($"\r\e[K{text}");
    }
}
