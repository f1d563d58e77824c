using System.CommandLine;
using System.Diagnostics;
using System.Globalization;
using System.Text;
using System.Text.Json;
using KisFeed.Benchmarks.Comparing;

namespace KisFeed.Benchmarks.Checking;

/// <summary><c>check</c>: the decisive ratios against limits with wide margins, for continuous integration.</summary>
internal sealed class CheckCommand : Command, IHasExamples
{
    /// <summary>The exit code if a limit is missed. An error is 1.</summary>
    public const int Missed = 2;

    private static readonly JsonSerializerOptions s_json = new(JsonSerializerDefaults.Web)
    {
        WriteIndented = true,
        NumberHandling = System.Text.Json.Serialization.JsonNumberHandling.AllowNamedFloatingPointLiterals,
    };

    private readonly Option<bool> _json = new("--json") { Description = "One JSON document instead of a table." };
    private readonly Option<bool> _updateDocs = ResultPage.NewOption();

    public CheckCommand()
        : base("check", "Measures the decisive ratios within two minutes. Exits with 0 if all are within their limits, with 2 if one is "
            + "not, and with 1 if a measurement fails.")
    {
        Add(_json);
        Add(_updateDocs);
        SetAction(RunAsync);
    }

    public IReadOnlyList<(string Line, string Purpose)> Examples =>
    [
        ("check", "a table, and an exit code"),
        ("check --json", "the same as JSON"),
        ("check --update-docs", "the results are written to docs/performance.md"),
    ];

    private async Task<int> RunAsync(ParseResult arguments, CancellationToken cancellationToken)
    {
        var page = arguments.GetValue(_updateDocs) ? await ResultPage.OpenAsync(cancellationToken) : null;
        var machine = Machine.Current();
        var startedAt = Stopwatch.GetTimestamp();
        List<CheckResult> results = [];
        await foreach (var result in new CheckRun(new Rounds(Progress.Show, arguments.IsBrief())).RunAsync(cancellationToken))
            results.Add(result);
        Progress.Show("");
        var seconds = Stopwatch.GetElapsedTime(startedAt).TotalSeconds;
        Console.WriteLine(arguments.GetValue(_json) ? Json(machine, results, seconds) : Table(machine, results, seconds));
        page?.Replace(Name, Name, machine, Markdown(results));

        // The figures of a brief run mean nothing.
        return arguments.IsBrief() || results.TrueForAll(r => r.Holds) ? 0 : Missed;
    }

    private static string Table(Machine machine, List<CheckResult> results, double seconds)
    {
        var text = new StringBuilder();
        text.AppendLine(CultureInfo.InvariantCulture, $"{machine.Processor}, {machine.Cores} cores, {machine.Vectors}; {machine.Runtime}; "
            + $"load {machine.Load}; {machine.Date:yyyy-MM-dd HH:mm} UTC");
        text.AppendLine(CultureInfo.InvariantCulture, $"{"",-58}{"measured",10}{"first",10}{"limit",12}{"expected",10}");
        foreach (var r in results)
        {
            text.AppendLine(CultureInfo.InvariantCulture, $"{r.Limit.Name,-58}{r.Value,10:0.00}{r.Missed,10:0.00}{LimitOf(r.Limit),12}"
                + $"{r.Limit.Reference,10:0.##}  {(r.Holds ? "holds" : "MISSED")}");
        }

        text.Append(
            CultureInfo.InvariantCulture,
            $"bench check: {results.Count(r => r.Holds)} held, {results.Count(r => !r.Holds)} missed, in {seconds:0} s");
        return text.ToString();
    }

    private static string Json(Machine machine, List<CheckResult> results, double seconds) => JsonSerializer.Serialize(
        new
        {
            machine,
            seconds,
            holds = results.TrueForAll(r => r.Holds),
            results = results.Select(r => new
            {
                r.Limit.Name,
                r.Value,
                r.Limit.Unit,
                firstValue = r.Missed,
                bound = r.Limit.Bound == Bound.AtLeast ? "atLeast" : "atMost",
                limit = r.Limit.Value,
                r.Limit.Reference,
                r.Limit.Margin,
                r.Holds,
            }),
        },
        s_json);

    private static string Markdown(List<CheckResult> results)
    {
        var text = new StringBuilder().AppendLine();
        ComparisonMarkdown.AppendRow(text, ["", "measured", "limit", "expected", ""]);
        ComparisonMarkdown.AppendRow(text, ["---", "---:", "---:", "---:", "---"]);
        foreach (var r in results)
        {
            var reference = string.Create(CultureInfo.InvariantCulture, $"{r.Limit.Reference:0.##}");
            ComparisonMarkdown.AppendRow(
                text,
                [
                    r.Limit.Name,
                    string.Create(CultureInfo.InvariantCulture, $"{r.Value:0.00}"),
                    LimitOf(r.Limit),
                    reference,
                    r.Holds ? "holds" : "**missed**",
                ]);
        }

        return text.ToString();
    }

    private static string LimitOf(Limit limit) =>
        string.Create(CultureInfo.InvariantCulture, $"{(limit.Bound == Bound.AtLeast ? "≥" : "≤")} {limit.Value:0.##}");
}
