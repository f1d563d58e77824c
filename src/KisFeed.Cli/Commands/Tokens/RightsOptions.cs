using System.Collections.Immutable;
using KisFeed.Feeds;
using KisFeed.Gateway.Consumers;

namespace KisFeed.Cli.Commands.Tokens;

/// <summary>
/// The rights of a consumer, as options of the commands that add and change consumers. Rights that are not given stay unchanged.
/// </summary>
internal sealed class RightsOptions
{
    private const string All = "all";
    private const string Never = "never";
    private const string Default = "default";

    private readonly ValueOption<string[]> _feeds = new("--feeds", "all|TR_ID,…",
        "The feeds it may register for: all, or TR IDs or aliases separated by commas. Order notices are not included.");

    private readonly ValueOption<string[]> _notices = new("--notices", "HTSID,…",
        "Allow order notices: of all HTS IDs, or of those given, separated by commas.")
    { Arity = ArgumentArity.ZeroOrMore };

    private readonly SwitchOption _noNotices = new("--no-notices", "Do not allow order notices.");
    private readonly SwitchOption _operator = new("--operator",
        "Show it all consumers and their registrations in the status of the gateway, and so on its dashboard.");
    private readonly SwitchOption _noOperator = new("--no-operator", "Show it only its own.");
    private readonly Option<int?> _slots = Count(
        "--max-slots",
        "The maximum number of keys it has registered upstream, or default: all, or half while other consumers are connected.");
    private readonly Option<int?> _connections = Count("--max-connections", "The maximum number of connections, or default.");
    private readonly Option<int?> _requests = Count("--max-requests", "The maximum number of requests per second, on average, or default.");
    private readonly ValueOption<string?> _expires = new("--expires", "YYYY-MM-DD|never",
        "The last day it may use the gateway, in Korea, or never.");

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

    private Option[] Options => [_feeds, _notices, _noNotices, _operator, _noOperator, _slots, _connections, _requests, _expires];

    public void AddTo(Command command)
    {
        command.AddAll([.. Options]);
        command.Exclude(_notices, _noNotices);
        command.Exclude(_operator, _noOperator);
    }

    public bool IsAnyGiven(ParseResult arguments) => Options.Any(arguments.IsGiven);

    /// <summary>Returns the consumer with the given rights; all others stay unchanged.</summary>
    public Consumer Apply(ParseResult arguments, Consumer consumer) => consumer with
    {
        Feeds = arguments.GetValue(_feeds) is { Length: > 0 } feeds ? FeedsOf(feeds) : consumer.Feeds,
        Notices = arguments.IsGiven(_notices) || (consumer.Notices && !arguments.GetValue(_noNotices)),
        HtsIds = arguments.IsGiven(_notices) ? HtsIdsOf(arguments.GetValue(_notices) ?? [])
            : arguments.GetValue(_noNotices) ? null
            : consumer.HtsIds,
        Quota = new ConsumerQuota(
            QuotaOf(arguments, _slots, consumer.Quota.Slots),
            QuotaOf(arguments, _connections, consumer.Quota.Connections),
            QuotaOf(arguments, _requests, consumer.Quota.RequestsPerSecond)),
        Operator = arguments.GetValue(_operator) || (consumer.Operator && !arguments.GetValue(_noOperator)),
        ExpiresAt = arguments.GetValue(_expires) switch
        {
            null => consumer.ExpiresAt,
            Never => null,
            var day => TryParseDay(day, out var end) ? end : null,
        },
    };

    private static int? QuotaOf(ParseResult arguments, Option<int?> option, int? present) =>
        arguments.IsGiven(option) ? arguments.GetValue(option) : present;

    private static ImmutableArray<string>? HtsIdsOf(string[] lists)
    {
        var ids = lists.SelectMany(l => l.Split(',', StringSplitOptions.TrimEntries | StringSplitOptions.RemoveEmptyEntries))
            .Distinct(StringComparer.Ordinal)
            .ToArray();
        if (ids.FirstOrDefault(id => !Consumer.IsHtsId(id)) is { } wrong)
            throw new CommandException($"'{wrong}' is not a valid HTS ID: use the broker's spelling");
        return ids.Length == 0 ? null : [.. ids];
    }

    // A whole number, or default, which is null.
    private static Option<int?> Count(string name, string description)
    {
        var option = new Option<int?>(name) { Description = description, HelpName = $"N|{Default}" };
        option.CustomParser = result =>
        {
            var text = result.Tokens[0].Value;
            if (text == Default)
                return null;
            if (ParsedOption.TryParseCount(text, out int count))
                return count;
            result.AddError($"'{text}' is not a valid count for {name}. Use a whole number above 0, or {Default}.");
            return null;
        };
        return option;
    }

    private static ImmutableArray<string>? FeedsOf(string[] lists)
    {
        var names = lists.SelectMany(l => l.Split(',', StringSplitOptions.TrimEntries)).ToArray();
        if (names is [All])
            return null;
        var feeds = names.Select(name => FeedNames.Find(KisFeeds.Catalog, name)).ToArray();
        return feeds.FirstOrDefault(f => f.IsNotice) is { } notice
            ? throw new CommandException($"{notice.TrId} is a feed of order notices: use --notices to allow order notices")
            : [.. feeds.Select(f => f.TrId).Distinct(StringComparer.Ordinal)];
    }

    // Returns the end of the day in Korea.
    private static bool TryParseDay(string text, out DateTimeOffset end)
    {
        end = default;
        if (!DateOnly.TryParseExact(text, "yyyy-MM-dd", CultureInfo.InvariantCulture, DateTimeStyles.None, out var day))
            return false;
        end = new DateTimeOffset(day.AddDays(1).ToDateTime(TimeOnly.MinValue), KoreaTime.Offset);
        return true;
    }
}
