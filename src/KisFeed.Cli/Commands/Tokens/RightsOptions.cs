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
        UiText.Of(
            "The feeds it may register for: all, or TR IDs or aliases separated by commas. Order notices are not included.",
            "등록할 수 있는 피드: all, 또는 쉼표로 구분한 TR ID나 별칭. 주문 통보는 들어가지 않습니다."));

    private readonly ValueOption<string[]> _notices = new("--notices", "HTSID,…",
        UiText.Of(
            "Allow order notices: of all HTS IDs, or of those given, separated by commas.",
            "주문 통보 허용: 모든 HTS ID, 또는 쉼표로 구분한 HTS ID만."))
    { Arity = ArgumentArity.ZeroOrMore };

    private readonly SwitchOption _noNotices = new("--no-notices", UiText.Of("Do not allow order notices.", "주문 통보를 허용하지 않음."));
    private readonly SwitchOption _operator = new("--operator",
        UiText.Of(
            "Show it all consumers and their registrations in the status of the gateway, and so on its dashboard.",
            "게이트웨이 상태와 대시보드에서 모든 소비자와 그 등록을 볼 수 있게 함."));
    private readonly SwitchOption _noOperator = new("--no-operator", UiText.Of("Show it only its own.", "자기 것만 볼 수 있게 함."));
    private readonly Option<int?> _slots = Count(
        "--max-slots",
        UiText.Of(
            "The maximum number of keys it has registered upstream, or default: all, or half while other consumers are connected.",
            "증권사에 등록할 수 있는 최대 키 수, 또는 default(전부, 다른 소비자가 접속해 있으면 절반)."));
    private readonly Option<int?> _connections = Count("--max-connections", UiText.Of(
        "The maximum number of connections, or default.",
        "최대 연결 수, 또는 default."));
    private readonly Option<int?> _requests = Count("--max-requests", UiText.Of(
        "The maximum number of requests per second, on average, or default.",
        "초당 평균 최대 요청 수, 또는 default."));
    private readonly ValueOption<string?> _expires = new("--expires", "YYYY-MM-DD|never",
        UiText.Of("The last day it may use the gateway, in Korea, or never.", "게이트웨이를 쓸 수 있는 마지막 날(한국 시각), 또는 never(기한 없음)."));

    public RightsOptions(string preset = "")
    {
        _feeds.Description += preset;
        _feeds.CompletionSources.CompleteFeeds("");
        _expires.Validators.Add(result =>
        {
            if (result.Tokens is [var token] && token.Value != Never && !TryParseDay(token.Value, out _))
            {
                result.AddError(UiText.Of(
                    $"'{token.Value}' is not a valid day. Use the form 2026-12-31, or {Never}.",
                    $"'{token.Value}': 올바른 날짜가 아닙니다. 2026-12-31처럼 쓰거나 {Never}를 쓰세요."));
            }
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
        {
            throw new CommandException(UiText.Of(
                $"'{wrong}' is not a valid HTS ID: use the broker's spelling",
                $"'{wrong}': 올바른 HTS ID가 아닙니다. 증권사에 등록한 그대로 쓰세요"));
        }
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
            result.AddError(UiText.Of(
                $"'{text}' is not a valid count for {name}. Use a whole number above 0, or {Default}.",
                $"'{text}': {name}에 쓸 수 있는 개수가 아닙니다. 1 이상의 정수나 {Default}를 쓰세요."));
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
            ? throw new CommandException(UiText.Of(
                $"{notice.TrId} is a feed of order notices: use --notices to allow order notices",
                $"{notice.TrId}: 주문 통보 피드입니다. 주문 통보를 허용하려면 --notices를 쓰세요"))
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
