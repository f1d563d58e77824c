using System.Globalization;
using System.Text.RegularExpressions;

namespace KisFeed.Gateway.Tests.Web;

/// <summary>
/// A strict parser for the text format 0.0.4 of Prometheus: everything that the format or Prometheus would reject fails the test.
/// </summary>
internal sealed partial class PrometheusPage
{
    private readonly Dictionary<string, double> _samples = new(StringComparer.Ordinal);
    private readonly Dictionary<string, string> _types = new(StringComparer.Ordinal);

    private PrometheusPage(string text)
    {
        text.ShouldEndWith("\n");
        string? metric = null;
        string? help = null;
        foreach (var line in text[..^1].Split('\n'))
        {
            if (line.StartsWith("# HELP ", StringComparison.Ordinal))
            {
                var match = Match(HelpLine(), line);
                help = match.Groups["name"].Value;
            }
            else if (line.StartsWith("# TYPE ", StringComparison.Ordinal))
            {
                var match = Match(TypeLine(), line);
                metric = match.Groups["name"].Value;
                help.ShouldBe(metric, "HELP precedes TYPE");
                _types.TryAdd(metric, match.Groups["type"].Value).ShouldBeTrue($"{metric} is duplicated");
            }
            else
            {
                var match = Match(SampleLine(), line);
                match.Groups["name"].Value.ShouldBe(metric, "samples follow the TYPE of their metric");
                _samples.TryAdd(
                    SeriesOf(metric!, match.Groups["label"].Captures.Select(c => c.Value)), ValueOf(match.Groups["value"].Value))
                    .ShouldBeTrue($"{line}: the series stands twice");
            }
        }
    }

    public IEnumerable<string> Series => _samples.Keys;

    public IReadOnlyDictionary<string, string> Types => _types;

    /// <summary>The value of a series, written as on the page with its labels in order.</summary>
    public double this[string series] => _samples[series];

    public static PrometheusPage Parse(string text) => new(text);

    private static Match Match(Regex regex, string line)
    {
        var match = regex.Match(line);
        match.Success.ShouldBeTrue($"'{line}' is not a line of the format");
        return match;
    }

    private static string SeriesOf(string metric, IEnumerable<string> labels)
    {
        string[] sorted = [.. labels.Order(StringComparer.Ordinal)];
        sorted.Select(label => label[..label.IndexOf('=')]).ShouldBeUnique(StringComparer.Ordinal);
        return sorted.Length == 0 ? metric : $"{metric}{{{string.Join(',', sorted)}}}";
    }

    private static double ValueOf(string text) => text switch
    {
        "+Inf" => double.PositiveInfinity,
        "-Inf" => double.NegativeInfinity,
        _ => double.Parse(text, NumberStyles.Float, CultureInfo.InvariantCulture),
    };

    [GeneratedRegex(@"^# HELP (?<name>[a-zA-Z_:][a-zA-Z0-9_:]*) (?:[^\\\n]|\\\\|\\n)+$", RegexOptions.ExplicitCapture, 1000)]
    private static partial Regex HelpLine();

    [GeneratedRegex(
        "^# TYPE (?<name>[a-zA-Z_:][a-zA-Z0-9_:]*) (?<type>counter|gauge|histogram|summary|untyped)$", RegexOptions.ExplicitCapture, 1000)]
    private static partial Regex TypeLine();

    [GeneratedRegex("""^(?<name>[a-zA-Z_:][a-zA-Z0-9_:]*)(\{((?<label>[a-zA-Z_][a-zA-Z0-9_]*="([^\\"\n]|\\\\|\\"|\\n)*")("""
        + """,(?!\})|(?=\})))+\})? (?<value>[+-]Inf|NaN|-?[0-9]+(\.[0-9]+)?([eE][+-]?[0-9]+)?)$""", RegexOptions.ExplicitCapture, 1000)]
    private static partial Regex SampleLine();
}
