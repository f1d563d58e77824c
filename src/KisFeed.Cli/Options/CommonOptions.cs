using System.CommandLine.Completions;
using KisFeed.Cli.Ticks;
using KisFeed.Feeds;
using Microsoft.Extensions.Logging;

namespace KisFeed.Cli.Options;

/// <summary>Options that several commands share, so that they mean the same everywhere.</summary>
internal static class CommonOptions
{
    /// <summary>Creates an option whose values are the names of an enumeration in lower case.</summary>
    public static Option<string> Choice<TEnum>(string name, string description, TEnum preset)
        where TEnum : struct, Enum =>
        Choice(name, description, preset, value => value.ToString().ToLowerInvariant());

    /// <summary>Creates an option whose values are those of an enumeration, with other names.</summary>
    public static Option<string> Choice<TEnum>(string name, string description, TEnum preset, Func<TEnum, string> nameOf)
        where TEnum : struct, Enum
    {
        string[] names = [.. Enum.GetValues<TEnum>().Select(nameOf)];
        var option = new Option<string>(name)
        {
            Description = description,
            HelpName = string.Join('|', names),
            DefaultValueFactory = _ => nameOf(preset),
        };
        option.AcceptOnlyFromAmong(names);
        return option;
    }

    /// <summary>Returns the value of an option created by <see cref="Choice{TEnum}(string, string, TEnum)"/>.</summary>
    public static TEnum GetChoice<TEnum>(this ParseResult arguments, Option<string> option)
        where TEnum : struct, Enum =>
        Enum.Parse<TEnum>(arguments.GetRequiredValue(option), ignoreCase: true);

    /// <summary>Returns the value of an option created by <see cref="Choice{TEnum}(string, string, TEnum, Func{TEnum, string})"/>.</summary>
    public static TEnum GetChoice<TEnum>(this ParseResult arguments, Option<string> option, Func<TEnum, string> nameOf)
        where TEnum : struct, Enum
    {
        var name = arguments.GetRequiredValue(option);
        return Enum.GetValues<TEnum>().First(value => nameOf(value).Equals(name, StringComparison.OrdinalIgnoreCase));
    }

    public static Option<string> Names() =>
        Choice("--names", "The column names: English, or exactly as in the broker's documents.", NameStyle.English);

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
            if (DurationText.TryParseTimer(result.Tokens[0].Value, out var duration))
                return duration;
            result.AddError($"{DurationText.ProblemOf(result.Tokens[0].Value)}.");
            return null;
        };
        return option;
    }

    /// <summary>Creates an option for a duration, or <c>off</c> for <see cref="Timeout.InfiniteTimeSpan"/>.</summary>
    public static Option<TimeSpan?> DurationOrOff(string name, string description)
    {
        const string Off = "off";
        var option = new Option<TimeSpan?>(name) { Description = description, HelpName = "10s|off" };
        option.CustomParser = result =>
        {
            var text = result.Tokens[0].Value;
            if (text.Equals(Off, StringComparison.OrdinalIgnoreCase))
                return Timeout.InfiniteTimeSpan;
            if (DurationText.TryParseTimer(text, out var duration))
                return duration;
            result.AddError($"{DurationText.ProblemOf(text)}, or {Off}.");
            return null;
        };
        return option;
    }

    /// <summary>Creates an option whose value is a whole number above 0.</summary>
    public static Option<int?> Count(string name, string description)
    {
        var option = new Option<int?>(name) { Description = description, HelpName = "N" };
        option.CustomParser = result =>
        {
            if (int.TryParse(result.Tokens[0].Value, NumberStyles.None, CultureInfo.InvariantCulture, out var count) && count > 0)
                return count;
            result.AddError($"'{result.Tokens[0].Value}' is not a valid count for {name}. Use a whole number above 0.");
            return null;
        };
        return option;
    }

    public static Option<string> Log(LogLevel preset) => Choice("--log", "The minimum level of messages logged to standard error.", preset);

    public static Option<string> Colors() =>
        Choice("--colors", "The colours of prices: Korean (red up, blue down) or western (green up, red down).", MarketColors.Korean);

    /// <summary>Returns all feeds, with the layouts of the file if one is given.</summary>
    /// <exception cref="LayoutFileException">The file cannot be used.</exception>
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
}

/// <summary>The output formats of <c>bars</c>.</summary>
internal enum BarsFormat
{
    Table,
    Csv,
    Jsonl,
}

/// <summary>The formats of the text that a server prints at its start.</summary>
internal enum GuideFormat
{
    Text,
    Json,
}

/// <summary>The formats of reports.</summary>
internal enum ReportFormat
{
    Text,
    Json,
}

/// <summary>The output formats of <c>feeds</c>.</summary>
internal enum TableFormat
{
    Table,
    Json,
    Sql,
}

/// <summary>The output formats of <c>watch</c>.</summary>
internal enum WatchFormat
{
    Table,
    Json,
    Csv,
}
