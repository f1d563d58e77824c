using System.Collections.Immutable;
using System.CommandLine;
using KisFeed.Cli.Hosting;
using KisFeed.Cli.Options;
using KisFeed.Cli.Output;
using KisFeed.Feeds;
using KisFeed.Gateway;

namespace KisFeed.Cli.Verbs.Tokens;

/// <summary><c>kisfeed gateway token add</c>: credentials for one more consumer.</summary>
internal sealed class TokenAddVerb : Verb
{
    private readonly ConsumerNameArgument _name = new($"What the consumer is called: {ConsumerName.Form}.");

    private readonly Option<string[]> _feeds = new("--feeds")
    {
        Description = "The feeds that it may register for: TR IDs or aliases, with commas between them. Default: all. Order notices are not among them.",
        HelpName = "TR_ID,…",
    };

    private readonly Option<bool> _notices = new("--notices") { Description = "It may register for order notices too." };
    private readonly Option<bool> _operator = new("--operator") { Description = "It may see in the status of the gateway, and so on its dashboard, what all consumers do and what is registered for them." };
    private readonly Option<bool> _replace = new("--replace") { Description = "Replace a consumer of that name: its credentials are good no longer, and its connections end." };
    private readonly Option<string> _format = CommonOptions.Choice("--format", "Lines for a shell, or JSON.", ReportFormat.Text);
    private readonly TokenFileOption _file = new();

    public TokenAddVerb(CommandHost host)
        : base(host, "add", "Give a consumer an app key and a secret of its own. They are shown now and never again: of the secret only a hash is kept.")
    {
        _feeds.CompletionSources.CompleteFeeds("");
        Add(_name);
        Add(_feeds);
        Add(_notices);
        Add(_operator);
        Add(_replace);
        Add(_format);
        Add(_file);
    }

    public override IReadOnlyList<(string Line, string Does)> Examples =>
    [
        ("kisfeed gateway token add backtest", "may register for everything but order notices"),
        ("kisfeed gateway token add dashboard --feeds index,H0BJCNT0", "may register for these two feeds alone"),
        ("kisfeed gateway token add trader --notices", "may register for everything, order notices included"),
        ("kisfeed gateway token add desk --operator", "may see who uses the gateway and how they get on"),
        ("kisfeed gateway token add backtest --replace --format json", "new credentials for one whose secret was lost or seen, for a program"),
    ];

    protected override async Task<int> RunAsync(ParseResult arguments, CancellationToken cancellationToken)
    {
        var file = _file.Open(arguments, Host);
        var credentials = ConsumerCredentials.Create();
        var consumer = new Consumer
        {
            Name = _name.Read(arguments),
            AppKey = credentials.AppKey,
            SecretHash = ConsumerCredentials.HashOf(credentials.AppSecret),
            Feeds = FeedsOf(arguments.GetValue(_feeds)),
            Notices = arguments.GetValue(_notices),
            Operator = arguments.GetValue(_operator),
            CreatedAt = Host.Time.GetUtcNow(),
        };
        await file.AddAsync(consumer, arguments.GetValue(_replace), cancellationToken);
        if (arguments.GetChoice<ReportFormat>(_format) == ReportFormat.Json)
            await WriteJsonAsync(consumer, credentials, cancellationToken);
        else
            await WriteVariablesAsync(credentials);
        Host.Tell($"{consumer.Name} {ConsumerText.RightsOf(consumer)}, as {file.Path} says. The secret is not kept: take it now.");
        return ExitCode.Success;
    }

    private static ImmutableArray<string>? FeedsOf(string[]? lists)
    {
        if (lists is not { Length: > 0 })
            return null;
        var feeds = lists.SelectMany(l => l.Split(',', StringSplitOptions.TrimEntries)).Select(name => FeedNames.Find(KisFeeds.Catalog, name)).ToArray();
        return feeds.FirstOrDefault(f => f.IsNotice) is { } notice
            ? throw new CommandException($"{notice.TrId} is a feed of order notices: --notices gives the right to all of those, --feeds to none")
            : [.. feeds.Select(f => f.TrId).Distinct(StringComparer.Ordinal)];
    }

    private async Task WriteVariablesAsync(ConsumerCredentials credentials)
    {
        await using var output = Host.OpenText();
        foreach (var (name, value) in new[] { (ServiceSettings.AppKeyVariable, credentials.AppKey), (ServiceSettings.AppSecretVariable, credentials.AppSecret) })
            await output.WriteAsync($"{ShellVariable.Line(name, value)}\n");
    }

    private async Task WriteJsonAsync(Consumer consumer, ConsumerCredentials credentials, CancellationToken cancellationToken)
    {
        using var lines = new JsonLines(Host.Output);
        var json = lines.Begin();
        ConsumerText.WriteMembers(json, consumer);
        json.WriteString("appKey"u8, credentials.AppKey);
        json.WriteString("appSecret"u8, credentials.AppSecret);
        lines.End();
        await lines.FlushAsync(cancellationToken);
    }
}
