using System.CommandLine;
using System.CommandLine.Completions;
using System.Globalization;
using KisFeed.Cli.Ticks;
using KisFeed.Feeds;
using KisFeed.Wire;
using Microsoft.Extensions.Logging;

namespace KisFeed.Cli.Options;

/// <summary>Options that several verbs have, so that they mean the same everywhere.</summary>
internal static class CommonOptions
{
    /// <summary>An option whose value is one of the names of an enumeration, in lower case.</summary>
    public static Option<string> Choice<TEnum>(string name, string description, TEnum preset)
        where TEnum : struct, Enum
    {
        string[] names = [.. Enum.GetNames<TEnum>().Select(n => n.ToLowerInvariant())];
        var option = new Option<string>(name)
        {
            Description = description,
            HelpName = string.Join('|', names),
            DefaultValueFactory = _ => preset.ToString().ToLowerInvariant(),
        };
        option.AcceptOnlyFromAmong(names);
        return option;
    }

    /// <summary>The value of an option made by <see cref="Choice"/>.</summary>
    public static TEnum GetChoice<TEnum>(this ParseResult arguments, Option<string> option)
        where TEnum : struct, Enum =>
        Enum.Parse<TEnum>(arguments.GetRequiredValue(option), ignoreCase: true);

    public static Option<string> Names() =>
        Choice("--names", "The names of columns: in English, or exactly as in the broker's documents.", NameStyle.English);

    public static Option<string?> Layouts() => new("--layouts")
    {
        Description = "A JSON file that names columns the broker has appended: {\"layouts\":[{\"trId\":\"H0UPCNT0\",\"append\":[\"MARKET_CLS_CODE\"]}]}",
        HelpName = "FILE",
    };

    public static Option<TimeSpan?> Duration(string description) => Duration("--duration", description);

    public static Option<TimeSpan?> Duration(string name, string description)
    {
        var option = new Option<TimeSpan?>(name) { Description = description, HelpName = "10s|5m|1h" };
        option.CustomParser = result =>
        {
            if (Options.Duration.TryParse(result.Tokens[0].Value, out var duration))
                return duration;
            result.AddError($"'{result.Tokens[0].Value}' is no duration: a number and a unit are expected, as in 500ms, 10s, 2m or 1h.");
            return null;
        };
        return option;
    }

    /// <summary>A duration, or <c>off</c> for <see cref="Timeout.InfiniteTimeSpan"/>.</summary>
    public static Option<TimeSpan?> DurationOrOff(string name, string description)
    {
        const string Off = "off";
        var option = new Option<TimeSpan?>(name) { Description = description, HelpName = "10s|off" };
        option.CustomParser = result =>
        {
            var text = result.Tokens[0].Value;
            if (text.Equals(Off, StringComparison.OrdinalIgnoreCase))
                return Timeout.InfiniteTimeSpan;
            if (Options.Duration.TryParse(text, out var duration))
                return duration;
            result.AddError($"'{text}' is not a valid duration. Use a number and a unit, e.g. 500ms or 10s, or {Off}.");
            return null;
        };
        return option;
    }

    public static Option<string> Log(LogLevel preset) => Choice("--log", "What to log on standard error.", preset);

    public static Option<string> Colors() =>
        Choice("--colors", "The colours of the market: Korean, red is up and blue is down; or western, green is up and red is down.", MarketColors.Korean);

    /// <summary>All feeds, with the layouts of the file where one is given.</summary>
    /// <exception cref="LayoutFileException">The file cannot be used.</exception>
    public static FeedCatalog GetCatalog(this ParseResult arguments, Option<string?> layouts) =>
        arguments.GetValue(layouts) is { } path ? KisFeeds.Catalog.WithLayouts(LayoutFile.Load(path)) : KisFeeds.Catalog;

    /// <summary>Refuses a misspelt option that would otherwise be taken for the argument's value. A lone dash is a value.</summary>
    public static void RefuseOptions(this Argument argument) => argument.Validators.Add(result =>
    {
        foreach (var token in result.Tokens)
        {
            if (token.Value.Length > 1 && token.Value[0] == '-')
                result.AddError($"Unrecognized option '{token.Value}'.");
        }
    });

    /// <summary>Offers feeds to the shell's completion.</summary>
    public static void CompleteFeeds(this List<Func<CompletionContext, IEnumerable<CompletionItem>>> sources, string suffix) =>
        sources.Add(_ => KisFeeds.Catalog.Feeds.SelectMany(f => new[] { f.TrId + suffix, f.Alias + suffix }));
}

/// <summary>Lengths of time as users write them: a number and a unit.</summary>
internal static class Duration
{
    private static readonly (string Unit, TimeSpan Length)[] s_units =
    [
        ("ms", TimeSpan.FromMilliseconds(1)),
        ("s", TimeSpan.FromSeconds(1)),
        ("m", TimeSpan.FromMinutes(1)),
        ("h", TimeSpan.FromHours(1)),
    ];

    /// <summary>The longest that timers take.</summary>
    private static readonly TimeSpan s_longest = TimeSpan.FromDays(40);

    /// <summary>Reads <c>500ms</c>, <c>10s</c>, <c>1.5m</c> or <c>1h</c>: more than nothing, and no more than 40 days.</summary>
    public static bool TryParse(string text, out TimeSpan duration)
    {
        duration = default;
        foreach (var (unit, length) in s_units)
        {
            if (!text.EndsWith(unit, StringComparison.OrdinalIgnoreCase)
                || !double.TryParse(text.AsSpan(0, text.Length - unit.Length), NumberStyles.AllowDecimalPoint, CultureInfo.InvariantCulture, out var number))
            {
                continue;
            }

            if (!double.IsFinite(number) || number * length.TotalDays > s_longest.TotalDays)
                return false;
            duration = number * length;
            return duration > TimeSpan.Zero;
        }

        return false;
    }
}

/// <summary>How bars are written.</summary>
internal enum BarsFormat
{
    Table,
    Csv,
    Jsonl,
}

/// <summary>How records of a capture are written.</summary>
internal enum ExportChoice
{
    Csv,
    Jsonl,
}

/// <summary>What a server prints when it has started.</summary>
internal enum GuideFormat
{
    Text,
    Json,
}

/// <summary>How a report is written.</summary>
internal enum ReportFormat
{
    Text,
    Json,
}

/// <summary>How feeds are shown.</summary>
internal enum TableFormat
{
    Table,
    Json,
    Sql,
}

/// <summary>How ticks are written.</summary>
internal enum WatchFormat
{
    Table,
    Json,
    Csv,
}
