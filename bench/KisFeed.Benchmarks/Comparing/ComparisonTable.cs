using System.Globalization;
using System.Text.Json;
using Spectre.Console;

namespace KisFeed.Benchmarks.Comparing;

/// <summary>Prints comparisons for people.</summary>
internal static class ComparisonTable
{
    public static void Write(IAnsiConsole console, Machine machine)
    {
        var date = machine.Date.ToString("yyyy-MM-dd HH:mm", CultureInfo.InvariantCulture);
        var software = $"{machine.Runtime}; {machine.System}";
        console.MarkupLineInterpolated(
            CultureInfo.InvariantCulture,
            $"[bold]{machine.Processor}[/], {machine.Cores} cores, {machine.Vectors}; {software}; load {machine.Load}; {date} UTC");
        console.WriteLine("Medians of alternating rounds. Ratios are more meaningful than times, because they come from one run.");
    }

    public static void Write(IAnsiConsole console, Comparison comparison)
    {
        Figure[] columns = [.. comparison.Results.SelectMany(s => s.Medians).DistinctBy(f => f.Name, StringComparer.Ordinal)];
        var table = new Table { Border = TableBorder.Minimal };
        table.AddColumn("");
        foreach (var column in columns)
        {
            table.AddColumn(new TableColumn(Markup.Escape(column.Unit.Length > 0 ? $"{column.Name}, {column.Unit}" : column.Name))
            {
                Alignment = Justify.Right,
            });
        }
        foreach (var standing in comparison.Results)
        {
            string[] cells =
                [.. columns.Select(c => standing.Medians.FirstOrDefault(f => f.Name == c.Name) is { } figure ? Text(figure.Value) : "")];
            table.AddRow([.. cells.Prepend(standing.Name).Select(Markup.Escape)]);
        }

        console.WriteLine();
        console.MarkupLineInterpolated(CultureInfo.InvariantCulture, $"[bold]{comparison.Subject}[/]");
        console.Write(table);
        foreach (var target in comparison.Targets)
        {
            var limit = $"{(target.Bound == Bound.AtLeast ? "at least" : "at most")} {Text(target.Limit)}{target.Unit}";
            var verdict = target.Holds ? "[green]holds[/] " : "[red]missed[/]";
            console.MarkupLine(
                $"  {verdict} {Markup.Escape(target.Claim)}: {Text(target.Value)}{Markup.Escape(target.Unit)} ({Markup.Escape(limit)})");
        }

        foreach (var note in comparison.Notes)
            console.MarkupLineInterpolated(CultureInfo.InvariantCulture, $"  {note}");
    }

    /// <summary>A figure with about three digits.</summary>
    public static string Text(double value) => Math.Abs(value) switch
    {
        >= 1000 => value.ToString("N0", CultureInfo.InvariantCulture),
        >= 100 => value.ToString("0", CultureInfo.InvariantCulture),
        >= 10 => value.ToString("0.#", CultureInfo.InvariantCulture),
        _ => value.ToString("0.##", CultureInfo.InvariantCulture),
    };
}

/// <summary>Writes comparisons as one JSON document: machine, tables and targets.</summary>
internal static class ComparisonJson
{
    private static readonly JsonSerializerOptions s_options = new(JsonSerializerDefaults.Web) { WriteIndented = true };

    public static string Write(Machine machine, IReadOnlyList<Comparison> comparisons) => JsonSerializer.Serialize(
        new
        {
            machine,
            comparisons = comparisons.Select(c => new
            {
                c.Subject,
                results = c.Results.Select(s => new { s.Name, figures = s.Medians }),
                targets = c.Targets.Select(
                    t => new { t.Claim, t.Value, t.Unit, bound = t.Bound == Bound.AtLeast ? "atLeast" : "atMost", t.Limit, t.Holds }),
                c.Notes,
            }),
        },
        s_options);
}
