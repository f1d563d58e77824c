using System.Text.Json;

namespace KisFeed.Benchmarks.Comparing;

/// <summary>Writes comparisons for programs: one document of machine, tables and goals.</summary>
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
                results = c.Standings.Select(s => new { s.Name, figures = s.Medians }),
                targets = c.Targets.Select(t => new { t.Claim, t.Value, t.Unit, bound = t.Bound == Bound.AtLeast ? "atLeast" : "atMost", t.Limit, t.Holds }),
                c.Notes,
            }),
        },
        s_options);
}
