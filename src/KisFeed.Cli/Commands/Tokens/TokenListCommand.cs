using System.Text.Json;
using KisFeed.Gateway.Consumers;

namespace KisFeed.Cli.Commands.Tokens;

/// <summary><c>kisfeed gateway token list</c>: lists the consumers.</summary>
internal sealed class TokenListCommand : KisFeedCommand
{
    private readonly FormatOption<(Consumer Consumer, DateTimeOffset? LastUsed)> _format = new(
        "A table; or JSON, one object per line.",
        ("text", host => new ConsumerTable(host.Output)),
        ("json", host => new JsonOutput<(Consumer Consumer, DateTimeOffset? LastUsed)>(host.Output, WriteMembers)));

    private readonly TokenFileOption _file = new();

    public TokenListCommand(CommandHost host)
        : base(
            host, "list", "List the consumers, their rights, and when they last used the gateway. Neither app keys nor secrets are shown.")
    {
        this.AddAll(_format, _file);
    }

    public override IReadOnlyList<(string Line, string Does)> Examples =>
    [
        ("kisfeed gateway token list", "all consumers, with their rights, and when they last used the gateway"),
        ("kisfeed gateway token list --format json | jq -r 'select(.notices).name'", "consumers that may receive order notices"),
    ];

    protected override async Task<int> RunAsync(ParseResult arguments, CancellationToken cancellationToken)
    {
        var file = _file.Open(arguments, Host);
        var consumers = file.Read();
        var lastUse = new LastUseFile(file.Path).Read();
        await _format.WriteAsync(
            Host, arguments, consumers.Select(consumer => (consumer, LastUseOf(lastUse, consumer))), cancellationToken);
        if (consumers.IsEmpty)
            Host.WriteMessage($"{file.Path} has no consumers; 'kisfeed gateway token add NAME' adds one");
        return ExitCode.Success;
    }

    private static DateTimeOffset? LastUseOf(IReadOnlyDictionary<string, DateTimeOffset> lastUse, Consumer consumer) =>
        lastUse.TryGetValue(consumer.Name, out var at) ? at : null;

    private static void WriteMembers(Utf8JsonWriter json, (Consumer Consumer, DateTimeOffset? LastUsed) item)
    {
        ConsumerText.WriteMembers(json, item.Consumer);
        ConsumerText.WriteTime(json, "lastUsed"u8, item.LastUsed);
    }

    private sealed class ConsumerTable(Stream output) : TextOutput<(Consumer Consumer, DateTimeOffset? LastUsed)>(output)
    {
        private readonly TextTable _table = new(
            "name", "feeds", "notices", "operator", "limits", "created", "last used", "expires", "old credentials until");
        private bool _isEmpty = true;

        public override void Write((Consumer Consumer, DateTimeOffset? LastUsed) item)
        {
            var consumer = item.Consumer;
            _isEmpty = false;
            _table.Add(
                consumer.Name,
                ConsumerText.FeedsOf(consumer),
                consumer is { Notices: true, HtsIds: { } ids } ? string.Join(", ", ids) : YesOrNo(consumer.Notices),
                YesOrNo(consumer.Operator),
                ConsumerText.LimitsOf(consumer),
                ConsumerText.TimeOf(consumer.CreatedAt),
                TimeOr(item.LastUsed, "never"),
                TimeOr(consumer.ExpiresAt, "never"),
                TimeOr(consumer.Previous?.Until, ""));
        }

        public override ValueTask FlushAsync(CancellationToken cancellationToken = default)
        {
            if (!_isEmpty)
                _table.WriteTo(Text);
            return base.FlushAsync(cancellationToken);
        }

        private static string TimeOr(DateTimeOffset? time, string otherwise) =>
            time is { } moment ? ConsumerText.TimeOf(moment) : otherwise;

        private static string YesOrNo(bool may) => may ? "yes" : "no";
    }
}
