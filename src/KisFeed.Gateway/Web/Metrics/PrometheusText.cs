using System.Globalization;
using System.Text;

namespace KisFeed.Gateway.Web.Metrics;

/// <summary>
/// Writes metrics in the Prometheus text format 0.0.4. Groups the samples of a metric, and writes each set of labels once.
/// </summary>
internal sealed class PrometheusText
{
    public const string ContentType = "text/plain; version=0.0.4; charset=utf-8";

    private const string CounterSuffix = "_total";

    private readonly SortedDictionary<string, Metric> _metrics = new(StringComparer.Ordinal);

    /// <summary>Adds a sample of a counter, whose name gets the suffix <c>_total</c>.</summary>
    /// <param name="name">The name of the instrument, e.g. <c>kisfeed.frame.bytes</c>.</param>
    /// <param name="unit">Its unit in UCUM, e.g. <c>By</c>; units in braces do not show in the name.</param>
    /// <param name="help">What it counts.</param>
    /// <param name="value">The value.</param>
    /// <param name="labels">The labels.</param>
    public void AddCounter(string name, string? unit, string? help, double value, ReadOnlySpan<KeyValuePair<string, object?>> labels) =>
        Add($"{NameOf(name, unit)}{CounterSuffix}", "counter", help, value, labels);

    public void AddGauge(string name, string? unit, string? help, double value, ReadOnlySpan<KeyValuePair<string, object?>> labels) =>
        Add(NameOf(name, unit), "gauge", help, value, labels);

    public override string ToString()
    {
        var text = new StringBuilder();
        foreach (var (name, metric) in _metrics)
        {
            if (metric.Help is { Length: > 0 } help)
                text.Append(CultureInfo.InvariantCulture, $"# HELP {name} {Escape(help)}\n");
            text.Append(CultureInfo.InvariantCulture, $"# TYPE {name} {metric.Type}\n");
            foreach (var (labels, value) in metric.Samples)
                text.Append(CultureInfo.InvariantCulture, $"{name}{labels} {TextOf(value)}\n");
        }

        return text.ToString();
    }

    private void Add(string name, string type, string? help, double value, ReadOnlySpan<KeyValuePair<string, object?>> labels)
    {
        if (!_metrics.TryGetValue(name, out var metric))
            _metrics.Add(name, metric = new Metric(type, help, new SortedDictionary<string, double>(StringComparer.Ordinal)));
        metric.Samples.TryAdd(LabelsOf(labels), value);
    }

    private static string NameOf(string name, string? unit)
    {
        var snake = Sanitize(name, ':');
        var suffix = unit switch
        {
            "By" => "_bytes",
            "s" => "_seconds",
            _ => "",
        };
        return snake.EndsWith(suffix, StringComparison.Ordinal) ? snake : snake + suffix;
    }

    private static string LabelsOf(ReadOnlySpan<KeyValuePair<string, object?>> labels)
    {
        if (labels.IsEmpty)
            return "";
        var text = new StringBuilder("{");
        foreach (var (name, value) in labels)
        {
            if (text.Length > 1)
                text.Append(',');
            text.Append(CultureInfo.InvariantCulture, $"{Sanitize(name, '_')}="
                + $"\"{Escape(Convert.ToString(value, CultureInfo.InvariantCulture) ?? "").Replace("\"", "\\\"", StringComparison.Ordinal)}"
                + $"\"");
        }

        return text.Append('}').ToString();
    }

    // Names may contain ASCII letters, digits and underscores; names of metrics may also contain colons.
    private static string Sanitize(string name, char allowed)
    {
        var characters = name.Select(c => char.IsAsciiLetterOrDigit(c) || c == allowed ? c : '_').ToArray();
        return char.IsAsciiDigit(characters[0]) ? $"_{new string(characters)}" : new string(characters);
    }

    private static string Escape(string text) =>
        text.Replace("\\", @"\\", StringComparison.Ordinal).Replace("\n", "\\n", StringComparison.Ordinal);

    private static string TextOf(double value) => value switch
    {
        double.PositiveInfinity => "+Inf",
        double.NegativeInfinity => "-Inf",
        _ => value.ToString("R", CultureInfo.InvariantCulture),
    };

    private sealed record Metric(string Type, string? Help, SortedDictionary<string, double> Samples);
}
