using System.Text.Json.Serialization;
using KisFeed.Cli.Gateways;
using KisFeed.Gateway;

namespace KisFeed.Cli.Commands;

/// <summary><c>kisfeed find</c>: finds the keys of instruments by name.</summary>
internal sealed class FindCommand : KisFeedCommand
{
    private readonly Argument<string[]> _text = new("TEXT")
    {
        Description = "A code or its beginning, part of a Korean or English name, or the initial consonants of a Korean name (ㅅㅅㅈㅈ). "
            + "Case and spaces are ignored.",
        HelpName = "TEXT",
        Arity = ArgumentArity.OneOrMore,
    };

    private readonly InstrumentsOption _instruments = new();
    private readonly Option<int> _limit = ParsedOption.WithDefault<int>(
        "--limit",
        "N",
        "The maximum number of results.",
        InstrumentSearch.DefaultLimit,
        ParsedOption.TryParseCount,
        text => $"'{text}' is not a valid limit. Use a number above 0.");

    private readonly SwitchOption _json = new("--json", "One JSON object per line instead of a table.");

    public FindCommand(CommandHost host)
        : base(host, "find", "Find the keys of instruments by name or code, best match first, and the feeds that have them.")
    {
        _text.RefuseOptions();
        this.AddAll(_text, _instruments, _limit, _json);
    }

    public override IReadOnlyList<(string Line, string Does)> Examples =>
    [
        ("kisfeed find 삼성", "names that contain 삼성"),
        ("kisfeed find ㅅㅅㅈㅈ", "by initial consonants"),
        ("kisfeed find kospi 200 --json", "for programs"),
        ("kisfeed find 동화약품 --instruments kospi_code.mst", "in the broker's full list"),
        ("kisfeed find 애플 --instruments nasmst.cod", "in the broker's list of another market"),
    ];

    public override IReadOnlyList<(int Code, string Means)> ExitCodes => [(ExitCode.NotFound, "nothing was found")];

    protected override async Task<int> RunAsync(ParseResult arguments, CancellationToken cancellationToken)
    {
        var text = string.Join(' ', arguments.GetRequiredValue(_text));
        var all = new InstrumentSearch(await _instruments.ReadAsync(arguments, cancellationToken)).Find(text);
        if (all.Count == 0)
        {
            Host.WriteMessage($"kisfeed: nothing found for '{text}'. Only the indices and the simulator's instruments are known; "
                + "--instruments FILE adds those of a file");
            return ExitCode.NotFound;
        }

        InstrumentMatch[] shown = [.. all.Take(arguments.GetValue(_limit))];
        // The names in files may have control codes, which a terminal must not get.
        await (Host with { Output = Host.DataOutput }).WriteAsync(
            arguments.GetValue(_json)
                ? string.Concat(shown.Select(JsonOf))
                : TableOf(shown),
            cancellationToken);
        if (all.Count > shown.Length)
            Host.WriteMessage($"kisfeed: {all.Count - shown.Length:N0} more; --limit N shows more");
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
