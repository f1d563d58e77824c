using System.Text;

namespace KisFeed.Benchmarks.Comparing;

/// <summary>Writes comparisons as Markdown, for the documentation.</summary>
internal static class ComparisonMarkdown
{
    public static string Write(IReadOnlyList<Comparison> comparisons)
    {
        var text = new StringBuilder();
        foreach (var comparison in comparisons)
        {
            Figure[] columns = [.. comparison.Results.SelectMany(r => r.Medians).DistinctBy(f => f.Name, StringComparer.Ordinal)];
            text.AppendLine().Append("**").Append(comparison.Subject).AppendLine("**").AppendLine();
            AppendRow(text, ["", .. columns.Select(c => c.Unit.Length > 0 ? $"{c.Name}, {c.Unit}" : c.Name)]);
            AppendRow(text, ["---", .. columns.Select(_ => "---:")]);
            foreach (var result in comparison.Results)
            {
                var values = columns.Select(c => result.Medians.FirstOrDefault(f => f.Name == c.Name));
                AppendRow(text, [result.Name, .. values.Select(f => f is null ? "" : ComparisonTable.Text(f.Value))]);
            }

            if (comparison.Targets.Count + comparison.Notes.Count > 0)
                text.AppendLine();
            foreach (var target in comparison.Targets)
            {
                var (bound, limit) = (target.Bound == Bound.AtLeast ? "at least" : "at most", ComparisonTable.Text(target.Limit));
                text.AppendLine($"- {target.Claim}: {ComparisonTable.Text(target.Value)}{target.Unit}; goal: {bound} {limit}{target.Unit}, "
                    + $"{(target.Holds ? "met" : "**missed**")}");
            }

            foreach (var note in comparison.Notes)
                text.Append("- ").AppendLine(note);
        }

        return text.ToString();
    }

    /// <summary>Appends a row of a table.</summary>
    public static void AppendRow(StringBuilder text, IEnumerable<string> cells) =>
        text.Append("| ").AppendJoin(" | ", cells.Select(c => c.Replace("|", "\\|", StringComparison.Ordinal))).AppendLine(" |");
}
