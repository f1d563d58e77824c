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
        new("--names", "The column names: English, or exactly as in the broker's documents.", NameStyle.English);

    public static ValueOption<string?> Layouts() => new("--layouts", "FILE",
        "A JSON file that names columns the broker has appended: "
            + """{"layouts":[{"trId":"H0UPCNT0","append":["MARKET_CLS_CODE"]}]}""");

    public static Option<TimeSpan?> Duration(string description = "End after this time. [run until interrupted]") =>
        Duration("--duration", description);

    public static Option<TimeSpan?> Duration(string name, string description) =>
        ParsedOption.Create<TimeSpan>(name, "10s|5m|1h", description, TryParseDuration, text => $"{DurationText.ProblemOf(text)}.");

    /// <summary>Creates an option for a duration, or <c>off</c> for <see cref="Timeout.InfiniteTimeSpan"/>.</summary>
    public static Option<TimeSpan?> DurationOrOff(string name, string description)
    {
        return ParsedOption.Create<TimeSpan>(name, "10s|off", description, TryParse, text => $"{DurationText.ProblemOf(text)}, or {Off}.");

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
            text => $"'{text}' is not a valid count for {name}. Use a whole number above 0.");

    /// <summary>Creates an option for a number of days, today included.</summary>
    public static Option<int?> KeepDays(string description)
    {
        return ParsedOption.Create<int>(
            "--keep-days", "N", description, TryParse,
            text => $"'{text}' is not a valid number of days. Use a whole number from 1 to 36500, e.g. --keep-days 30.");

        static bool TryParse(string text, out int days) => ParsedOption.TryParseCount(text, out days) && days <= 36_500;
    }

    public static ChoiceOption<LogLevel> Log(LogLevel preset) =>
        new("--log", "The minimum level of messages logged to standard error.", preset);

    public static ChoiceOption<LogFormat> LogFormat() =>
        new("--log-format", "Text for people, or one JSON object per line for log collectors.", Hosting.LogFormat.Text);

    public static ChoiceOption<MarketColors> Colors() =>
        new("--colors", "The colours of prices: Korean (red up, blue down) or western (green up, red down).", MarketColors.Korean);

    /// <summary>Returns all feeds, with the layouts of the file if one is given.</summary>
    public static FeedCatalog GetCatalog(this ParseResult arguments, Option<string?> layouts) =>
        arguments.GetValue(layouts) is { } path ? KisFeeds.Catalog.WithLayouts(LayoutFile.Load(path)) : KisFeeds.Catalog;

    /// <summary>Rejects a misspelt option that would otherwise be the argument's value. A single dash is a value.</summary>
    public static void RefuseOptions(this Argument argument) => argument.Validators.Add(result =>
    {
        foreach (var token in result.Tokens)
        {
            if (token.Value.Length > 1 && token.Value[0] == '-')
                result.AddError($"Unrecognized option '{token.Value}'.");
        }
    });

    /// <summary>Adds the feeds to the shell completion.</summary>
    public static void CompleteFeeds(this List<Func<CompletionContext, IEnumerable<CompletionItem>>> sources, string suffix) =>
        sources.Add(_ => KisFeeds.Catalog.Feeds.SelectMany(f => new[] { f.TrId + suffix, f.Alias + suffix }));

    private static bool TryParseDuration(string text, out TimeSpan duration) => DurationText.TryParseTimer(text, out duration);
}
