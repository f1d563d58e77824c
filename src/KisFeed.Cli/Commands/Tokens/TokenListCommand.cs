using KisFeed.Cli.Captures;
using KisFeed.Gateway.Consumers;

namespace KisFeed.Cli.Commands.Tokens;

/// <summary><c>kisfeed gateway token list</c>: lists the consumers.</summary>
internal sealed class TokenListCommand : KisFeedCommand
{
    private readonly Option<string> _format = CommonOptions.Choice("--format", "A table; or JSON, one object per line.", ReportFormat.Text);
    private readonly TokenFileOption _file = new();

    public TokenListCommand(CommandHost host)
        : base(host, "list", "List the consumers, their rights, and when they last used the gateway. Neither app keys nor secrets are shown.")
    {
        Add(_format);
        Add(_file);
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
        if (arguments.GetChoice<ReportFormat>(_format) == ReportFormat.Json)
        {
            using var lines = new JsonLines(Host.Output);
            foreach (var consumer in consumers)
            {
                var json = lines.Begin();
                ConsumerText.WriteMembers(json, consumer);
                ConsumerText.WriteTime(json, "lastUsed"u8, LastUseOf(lastUse, consumer));
                lines.End();
            }

            await lines.FlushAsync(cancellationToken);
        }
        else if (!consumers.IsEmpty)
        {
            var table = new TextTable("name", "feeds", "notices", "operator", "limits", "created", "last used", "expires", "old credentials until");
            foreach (var consumer in consumers)
                table.Add(consumer.Name, ConsumerText.FeedsOf(consumer), consumer is { Notices: true, HtsIds: { } ids } ? string.Join(", ", ids) : YesOrNo(consumer.Notices), YesOrNo(consumer.Operator), ConsumerText.LimitsOf(consumer), ConsumerText.TimeOf(consumer.CreatedAt), TimeOr(LastUseOf(lastUse, consumer), "never"), TimeOr(consumer.ExpiresAt, "never"), TimeOr(consumer.Previous?.Until, ""));
            await using var output = new TextLines(Host);
            table.WriteTo(output.Text);
            await output.FlushAsync();
        }

        if (consumers.IsEmpty)
            Host.WriteMessage($"{file.Path} has no consumers; 'kisfeed gateway token add NAME' adds one");
        return ExitCode.Success;
    }

    private static DateTimeOffset? LastUseOf(IReadOnlyDictionary<string, DateTimeOffset> lastUse, Consumer consumer) => lastUse.TryGetValue(consumer.Name, out var at) ? at : null;

    private static string TimeOr(DateTimeOffset? time, string otherwise) => time is { } moment ? ConsumerText.TimeOf(moment) : otherwise;

    private static string YesOrNo(bool may) => may ? "yes" : "no";
}
