using System.Text.Json.Serialization;
using KisFeed.Cli.Gateways;
using KisFeed.Gateway;

namespace KisFeed.Cli.Commands;

/// <summary><c>kisfeed find</c>: finds the keys of instruments by name.</summary>
internal sealed class FindCommand : KisFeedCommand
{
    private readonly Argument<string[]> _text = new("TEXT")
    {
        Description = UiText.Of(
            "A code or its beginning, part of a Korean or English name, or the initial consonants of a Korean name (ㅅㅅㅈㅈ). Case and "
                + "spaces are ignored.",
            "종목코드나 그 앞부분, 한글 이름이나 영어 이름의 일부, 또는 초성(ㅅㅅㅈㅈ). 대소문자와 띄어쓰기는 가리지 않습니다."),
        HelpName = "TEXT",
        Arity = ArgumentArity.OneOrMore,
    };

    private readonly InstrumentsOption _instruments = new();
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

    public FindCommand(CommandHost host)
        : base(host, "find", UiText.Of(
            "Find the keys of instruments by name or code, best match first, and the feeds that have them.",
            "이름이나 코드로 종목의 키와 그 키를 쓰는 피드 찾기. 가장 잘 맞는 것부터."))
    {
        _text.RefuseOptions();
        this.AddAll(_text, _instruments, _limit, _json);
    }

    public override IReadOnlyList<(string Line, string Does)> Examples =>
    [
        ("kisfeed find 삼성", UiText.Of("names that contain 삼성", "이름에 삼성이 있는 종목")),
        ("kisfeed find ㅅㅅㅈㅈ", UiText.Of("by initial consonants", "초성으로")),
        ("kisfeed find kospi 200 --json", UiText.Of("for programs", "프로그램용")),
        ("kisfeed find 동화약품 --instruments kospi_code.mst", UiText.Of("in the broker's full list", "증권사의 전체 종목 목록에서")),
        ("kisfeed find 애플 --instruments nasmst.cod", UiText.Of("in the broker's list of another market", "증권사의 다른 시장 종목 목록에서")),
    ];

    public override IReadOnlyList<(int Code, string Means)> ExitCodes => [(ExitCode.NotFound, UiText.Of(
        "nothing was found",
        "찾은 것이 없음"))];

    protected override async Task<int> RunAsync(ParseResult arguments, CancellationToken cancellationToken)
    {
        var text = string.Join(' ', arguments.GetRequiredValue(_text));
        var all = new InstrumentSearch(await _instruments.ReadAsync(arguments, cancellationToken)).Find(text);
        if (all.Count == 0)
        {
            Host.WriteMessage(UiText.Of(
                $"kisfeed: nothing found for '{text}'. Only the indices and the simulator's instruments are known; --instruments FILE "
                    + "adds those of a file",
                $"kisfeed: '{text}': 찾은 것이 없습니다. 지수와 시뮬레이터의 종목만 알고 있으니, 다른 종목은 --instruments FILE로 더하세요"));
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
        {
            Host.WriteMessage(UiText.Of(
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
