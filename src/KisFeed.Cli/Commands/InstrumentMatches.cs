using System.Text.Json.Serialization;
using KisFeed.Gateway;

namespace KisFeed.Cli.Commands;

/// <summary>The instruments that a command finds by name or code: the arguments of the search, and the output.</summary>
internal sealed class InstrumentMatches
{
    private readonly Option<int> _limit = ParsedOption.WithDefault<int>(
        "--limit",
        "N",
        UiText.Of("The maximum number of results.", "결과의 최대 개수."),
        InstrumentSearch.DefaultLimit,
        ParsedOption.TryParseCount,
        text => UiText.Of($"'{text}' is not a valid limit. Use a number above 0.", $"'{text}': 올바른 개수가 아닙니다. 1 이상의 숫자를 쓰세요."));

    private readonly SwitchOption _json = new("--json", UiText.Of(
        "One JSON object per line instead of a table.",
        "표 대신 한 줄에 하나의 JSON 객체."));

    public InstrumentMatches(string textDescription, ArgumentArity arity)
    {
        Text = new Argument<string[]>("TEXT") { Description = textDescription, HelpName = "TEXT", Arity = arity };
        Text.RefuseOptions();
    }

    /// <summary>The words to search for.</summary>
    public Argument<string[]> Text { get; }

    public Option[] Options => [_limit, _json];

    public bool IsJson(ParseResult arguments) => arguments.GetValue(_json);

    /// <summary>Finds instruments and writes them, the best match first.</summary>
    /// <param name="host">The host of the command.</param>
    /// <param name="arguments">The arguments.</param>
    /// <param name="instruments">The instruments to search.</param>
    /// <param name="hint">What to say if nothing is found.</param>
    /// <param name="cancellationToken">Cancels writing.</param>
    public async Task<int> WriteAsync(
        CommandHost host, ParseResult arguments, IReadOnlyList<Instrument> instruments, string hint, CancellationToken cancellationToken)
    {
        var text = string.Join(' ', arguments.GetRequiredValue(Text));
        var all = new InstrumentSearch(instruments).Find(text);
        if (all.Count == 0)
        {
            host.WriteMessage(UiText.Of(
                $"kisfeed: nothing found for '{text}'. {hint}",
                $"kisfeed: '{text}': 찾은 것이 없습니다. {hint}"));
            return ExitCode.NotFound;
        }

        InstrumentMatch[] shown = [.. all.Take(arguments.GetValue(_limit))];
        // The names in files may have control codes, which a terminal must not get.
        await (host with { Output = host.DataOutput }).WriteAsync(
            IsJson(arguments) ? string.Concat(shown.Select(JsonOf)) : TableOf(shown), cancellationToken);
        if (all.Count > shown.Length)
        {
            host.WriteMessage(UiText.Of(
                $"kisfeed: {all.Count - shown.Length:N0} more; --limit N shows more",
                $"kisfeed: {all.Count - shown.Length:N0}개가 더 있습니다. --limit N으로 더 볼 수 있습니다"));
        }

        return ExitCode.Success;
    }

    private static IEnumerable<string> TargetsOf(InstrumentMatch match) =>
        match.Feeds.Select(feed => $"{FeedNames.NameOf(feed)}:{match.Code}");

    private static string JsonOf(InstrumentMatch match) => Json.Line(
        new FoundInstrument(JsonName.Of(match.Kind), match.Code, match.Name, match.EnglishName, TargetsOf(match)),
        FoundInstrumentJson.Default.FoundInstrument);

    private static string TableOf(IEnumerable<InstrumentMatch> matches)
    {
        var table = TextTable.AtMargin(["kind", "code", "name", "English name", "watch"]);
        foreach (var match in matches)
        {
            table.Add(
                JsonName.Of(match.Kind),
                match.Code,
                PrintableText.Clean(match.Name ?? "—"),
                PrintableText.Clean(match.EnglishName ?? ""),
                string.Join(' ', TargetsOf(match)));
        }
        using var text = new StringWriter(CultureInfo.InvariantCulture);
        table.WriteTo(text);
        return text.ToString();
    }
}

internal sealed record FoundInstrument(string Kind, string Code, string? Name, string? EnglishName, IEnumerable<string> Targets);

[JsonSourceGenerationOptions(PropertyNamingPolicy = JsonKnownNamingPolicy.CamelCase)]
[JsonSerializable(typeof(FoundInstrument))]
internal sealed partial class FoundInstrumentJson : JsonSerializerContext;
