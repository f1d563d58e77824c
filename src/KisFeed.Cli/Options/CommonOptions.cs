using System.CommandLine.Completions;
using System.Numerics;
using KisFeed.Cli.Ticks;
using KisFeed.Feeds;
using Microsoft.Extensions.Logging;

namespace KisFeed.Cli.Options;

/// <summary>Options that several commands share, so that they mean the same everywhere.</summary>
internal static class CommonOptions
{
    private const string Off = "off";

    /// <summary>Creates <c>--format</c>. The first format is the default.</summary>
    public static Option<string> Format(string description, params string[] formats)
    {
        var option = new Option<string>("--format")
        {
            Description = description,
            HelpName = string.Join('|', formats),
            DefaultValueFactory = _ => formats[0],
        };
        option.AcceptOnlyFromAmong(formats);
        return option;
    }

    public static ChoiceOption<NameStyle> Names() =>
        new("--names", UiText.Of(
            "The column names: English, or exactly as in the broker's documents.",
            "컬럼 이름: 영어, 또는 증권사 문서의 이름 그대로."), NameStyle.English);

    public static ValueOption<string?> Layouts() => new("--layouts", "FILE",
        UiText.Of("A JSON file that names columns the broker has appended: ", "증권사가 덧붙인 컬럼에 이름을 붙이는 JSON 파일: ")
            + """{"layouts":[{"trId":"H0UPCNT0","append":["MARKET_CLS_CODE"]}]}""");

    /// <summary>Creates <c>--duration</c> of a command that runs until it is interrupted.</summary>
    public static Option<TimeSpan?> Duration() => Duration(
        "--duration",
        UiText.Of("End after this time. [run until interrupted]", "이 시간이 지나면 종료. [중단할 때까지 실행]"));

    public static Option<TimeSpan?> Duration(string name, string description) =>
        ParsedOption.Create<TimeSpan>(name, "10s|5m|1h", description, TryParseDuration, text => $"{DurationProblem(text)}.");

    /// <summary>Creates an option for a duration, or <c>off</c> for <see cref="Timeout.InfiniteTimeSpan"/>.</summary>
    public static Option<TimeSpan?> DurationOrOff(string name, string description)
    {
        return ParsedOption.Create<TimeSpan>(name, "10s|off", description, TryParse, text => UiText.Of(
            $"{DurationProblem(text)}, or {Off}.",
            $"{DurationProblem(text)}. {Off}도 쓸 수 있습니다."));

        static bool TryParse(string text, out TimeSpan duration)
        {
            duration = Timeout.InfiniteTimeSpan;
            return text.Equals(Off, StringComparison.OrdinalIgnoreCase) || TryParseDuration(text, out duration);
        }
    }

    /// <summary>Creates an option whose value is a whole number above 0.</summary>
    public static Option<T?> Count<T>(string name, string description)
        where T : struct, INumber<T> => ParsedOption.Create<T>(
            name, "N", description, ParsedOption.TryParseCount,
            text => UiText.Of(
                $"'{text}' is not a valid count for {name}. Use a whole number above 0.",
                $"'{text}': {name}에 쓸 수 있는 개수가 아닙니다. 1 이상의 정수를 쓰세요."));

    /// <summary>Creates an option for a number of days, today included.</summary>
    public static Option<int?> KeepDays(string description)
    {
        return ParsedOption.Create<int>(
            "--keep-days", "N", description, TryParse,
            text => UiText.Of(
                $"'{text}' is not a valid number of days. Use a whole number from 1 to 36500, e.g. --keep-days 30.",
                $"'{text}': 올바른 일수가 아닙니다. 1~36500의 정수를 쓰세요. 예: --keep-days 30."));

        static bool TryParse(string text, out int days) => ParsedOption.TryParseCount(text, out days) && days <= 36_500;
    }

    public static ChoiceOption<LogLevel> Log(LogLevel preset) =>
        new("--log", UiText.Of("The minimum level of messages logged to standard error.", "표준 오류에 남길 로그의 최소 수준."), preset);

    public static ChoiceOption<LogFormat> LogFormat() =>
        new("--log-format", UiText.Of(
            "Text for people, or one JSON object per line for log collectors.",
            "사람이 읽을 텍스트, 또는 로그 수집기를 위한 한 줄에 하나의 JSON 객체."), Hosting.LogFormat.Text);

    public static ChoiceOption<MarketColors> Colors() =>
        new("--colors", UiText.Of(
            "The colours of prices: Korean (red up, blue down) or western (green up, red down).",
            "시세 색상: korean(상승 빨강, 하락 파랑) 또는 western(상승 초록, 하락 빨강)."), MarketColors.Korean);

    /// <summary>Returns all feeds, with the layouts of the file if one is given.</summary>
    public static FeedCatalog GetCatalog(this ParseResult arguments, Option<string?> layouts) =>
        arguments.GetValue(layouts) is { } path ? KisFeeds.Catalog.WithLayouts(LayoutFile.Load(path)) : KisFeeds.Catalog;

    /// <summary>Rejects a misspelt option that would otherwise be the argument's value. A single dash is a value.</summary>
    public static void RefuseOptions(this Argument argument) => argument.Validators.Add(result =>
    {
        foreach (var token in result.Tokens)
        {
            if (token.Value.Length > 1 && token.Value[0] == '-')
                result.AddError(UiText.Of($"Unrecognized option '{token.Value}'.", $"알 수 없는 옵션: '{token.Value}'."));
        }
    });

    /// <summary>Adds the feeds to the shell completion.</summary>
    public static void CompleteFeeds(this List<Func<CompletionContext, IEnumerable<CompletionItem>>> sources, string suffix) =>
        sources.Add(_ => KisFeeds.Catalog.Feeds.SelectMany(f => new[] { f.TrId + suffix, f.Alias + suffix }));

    private static string DurationProblem(string text) => UiText.Of(
        DurationText.ProblemOf(text),
        $"'{text}': 올바른 시간이 아닙니다. 500ms, 10s처럼 숫자와 단위를 쓰세요");

    private static bool TryParseDuration(string text, out TimeSpan duration) => DurationText.TryParseTimer(text, out duration);
}
