using System.Collections.Immutable;
using KisFeed.Gateway.Consumers;

namespace KisFeed.Cli.Commands.Tokens;

/// <summary><c>kisfeed gateway token list</c>: lists the consumers.</summary>
internal sealed class TokenListCommand : KisFeedCommand
{
    private readonly TextOrJsonOption _format = new(UiText.Of("A table; or JSON, one object per line.", "표, 또는 한 줄에 하나의 JSON 객체."));
    private readonly TokenFileOption _file = new();

    public TokenListCommand(CommandHost host)
        : base(
            host, "list", UiText.Of(
                "List the consumers, their rights, and when they last used the gateway. Neither app keys nor secrets are shown.",
                "소비자와 그 권한, 게이트웨이를 마지막으로 쓴 때의 목록. 앱키와 시크릿은 나오지 않습니다."))
    {
        this.AddAll(_format, _file);
    }

    public override IReadOnlyList<(string Line, string Does)> Examples =>
    [
        ("kisfeed gateway token list", UiText.Of(
            "all consumers, with their rights, and when they last used the gateway",
            "모든 소비자와 권한, 게이트웨이를 마지막으로 쓴 때")),
        ("kisfeed gateway token list --format json | jq -r 'select(.notices).name'", UiText.Of(
            "consumers that may receive order notices",
            "주문 통보를 받을 수 있는 소비자")),
    ];

    protected override async Task<int> RunAsync(ParseResult arguments, CancellationToken cancellationToken)
    {
        var file = _file.Open(arguments, Host);
        var consumers = file.Read();
        var lastUse = new LastUseFile(file.Path).Read();
        await _format.WriteAsync(
            Host,
            arguments,
            text => WriteTable(text, consumers, lastUse),
            () => string.Concat(consumers.Select(consumer => JsonOf(consumer, LastUseOf(lastUse, consumer)))),
            cancellationToken);
        if (consumers.IsEmpty)
        {
            Host.WriteMessage(UiText.Of(
                $"{file.Path} has no consumers; 'kisfeed gateway token add NAME' adds one",
                $"{file.Path}: 소비자가 없습니다. 'kisfeed gateway token add NAME'으로 추가하세요"));
        }
        return ExitCode.Success;
    }

    private static DateTimeOffset? LastUseOf(IReadOnlyDictionary<string, DateTimeOffset> lastUse, Consumer consumer) =>
        lastUse.TryGetValue(consumer.Name, out var at) ? at : null;

    private static string JsonOf(Consumer consumer, DateTimeOffset? lastUsed)
    {
        var json = ConsumerText.ToJson(consumer);
        json["lastUsed"] = ConsumerText.TimeOf(lastUsed);
        return Json.Line(json);
    }

    private static void WriteTable(
        TextWriter text, ImmutableArray<Consumer> consumers, IReadOnlyDictionary<string, DateTimeOffset> lastUse)
    {
        if (consumers.IsEmpty)
            return;
        var table = new TextTable(
            "name", "feeds", "notices", "operator", "limits", "created", "last used", "expires", "old credentials until");
        foreach (var consumer in consumers)
        {
            table.Add(
                consumer.Name,
                ConsumerText.FeedsOf(consumer),
                consumer is { Notices: true, HtsIds: { } ids } ? string.Join(", ", ids) : YesOrNo(consumer.Notices),
                YesOrNo(consumer.Operator),
                ConsumerText.LimitsOf(consumer),
                ConsumerText.TimeOf(consumer.CreatedAt),
                ConsumerText.TimeOf(LastUseOf(lastUse, consumer)) ?? "never",
                ConsumerText.TimeOf(consumer.ExpiresAt) ?? "never",
                ConsumerText.TimeOf(consumer.Previous?.Until) ?? "");
        }

        table.WriteTo(text);
    }

    private static string YesOrNo(bool may) => may ? "yes" : "no";
}
