using System.Collections.Immutable;
using System.CommandLine;
using System.Globalization;
using KisFeed.Cli.Hosting;
using KisFeed.Cli.Options;
using KisFeed.Feeds;
using KisFeed.Gateway;
using KisFeed.Wire;

namespace KisFeed.Cli.Verbs.Tokens;

/// <summary>What a consumer may do, as options of the verbs that add and change consumers. What is not given stays as it is.</summary>
internal sealed class RightsOptions
{
    private const string All = "all";
    private const string Never = "never";

    private readonly Option<string[]> _feeds = new("--feeds")
    {
        Description = "The feeds that it may register for: all, or TR IDs or aliases with commas between them. Order notices are not among them.",
        HelpName = "all|TR_ID,…",
    };

    private readonly Option<bool> _notices = new("--notices") { Description = "It may register for order notices." };
    private readonly Option<bool> _noNotices = new("--no-notices") { Description = "It may not." };
    private readonly Option<bool> _operator = new("--operator") { Description = "It may see in the status of the gateway, and so on its dashboard, what all consumers do and what is registered for them." };
    private readonly Option<bool> _noOperator = new("--no-operator") { Description = "It may not." };
    private readonly Option<string?> _expires = new("--expires") { Description = "The last day on which it may use the gateway, in Korea, or never.", HelpName = "YYYY-MM-DD|never" };

    /// <summary>Makes the options.</summary>
    /// <param name="preset">Text appended to the description of --feeds.</param>
    public RightsOptions(string preset = "")
    {
        _feeds.Description += preset;
        _feeds.CompletionSources.CompleteFeeds("");
        _expires.Validators.Add(result =>
        {
            if (result.Tokens is [var token] && token.Value != Never && !TryParseDay(token.Value, out _))
                result.AddError($"'{token.Value}' is not a valid day. Use the form 2026-12-31, or {Never}.");
        });
    }

    /// <summary>Adds these options to a verb.</summary>
    public void AddTo(Command verb)
    {
        verb.Add(_feeds);
        verb.Add(_notices);
        verb.Add(_noNotices);
        verb.Add(_operator);
        verb.Add(_noOperator);
        verb.Add(_expires);
        verb.Validators.Add(result =>
        {
            foreach (var (may, mayNot) in new[] { (_notices, _noNotices), (_operator, _noOperator) })
            {
                if (result.GetValue(may) && result.GetValue(mayNot))
                    result.AddError($"{may.Name} and {mayNot.Name} exclude each other.");
            }
        });
    }

    /// <summary>Whether any of them was given.</summary>
    public bool IsAnyGiven(ParseResult arguments) => new Option[] { _feeds, _notices, _noNotices, _operator, _noOperator, _expires }.Any(option => arguments.GetResult(option) is { Implicit: false });

    /// <summary>A consumer with the rights that were given, and otherwise those that it has.</summary>
    /// <exception cref="CommandException">A feed does not exist, or is one of order notices.</exception>
    public Consumer Apply(ParseResult arguments, Consumer consumer) => consumer with
    {
        Feeds = arguments.GetValue(_feeds) is { Length: > 0 } feeds ? FeedsOf(feeds) : consumer.Feeds,
        Notices = arguments.GetValue(_notices) || (consumer.Notices && !arguments.GetValue(_noNotices)),
        Operator = arguments.GetValue(_operator) || (consumer.Operator && !arguments.GetValue(_noOperator)),
        ExpiresAt = arguments.GetValue(_expires) switch
        {
            null => consumer.ExpiresAt,
            Never => null,
            var day => TryParseDay(day, out var end) ? end : null,
        },
    };

    private static ImmutableArray<string>? FeedsOf(string[] lists)
    {
        var names = lists.SelectMany(l => l.Split(',', StringSplitOptions.TrimEntries)).ToArray();
        if (names is [All])
            return null;
        var feeds = names.Select(name => FeedNames.Find(KisFeeds.Catalog, name)).ToArray();
        return feeds.FirstOrDefault(f => f.IsNotice) is { } notice
            ? throw new CommandException($"{notice.TrId} is a feed of order notices: --notices gives the right to all of those, --feeds to none")
            : [.. feeds.Select(f => f.TrId).Distinct(StringComparer.Ordinal)];
    }

    // The end of that day in Korea.
    private static bool TryParseDay(string text, out DateTimeOffset end)
    {
        end = default;
        if (!DateOnly.TryParseExact(text, "yyyy-MM-dd", CultureInfo.InvariantCulture, DateTimeStyles.None, out var day))
            return false;
        end = new DateTimeOffset(day.AddDays(1).ToDateTime(TimeOnly.MinValue), KoreaTime.Offset);
        return true;
    }
}
