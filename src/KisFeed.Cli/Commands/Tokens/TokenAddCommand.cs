using System.CommandLine;
using KisFeed.Cli.Hosting;
using KisFeed.Cli.Options;
using KisFeed.Gateway;

namespace KisFeed.Cli.Commands.Tokens;

/// <summary><c>kisfeed gateway token add</c>: credentials for one more consumer.</summary>
internal sealed class TokenAddCommand : KisFeedCommand
{
    private readonly ConsumerNameArgument _name = new($"What the consumer is called: {ConsumerName.Form}.");
    private readonly RightsOptions _rights = new(" [all]");
    private readonly Option<bool> _replace = new("--replace")
    {
        Description = "Replace a consumer of that name: its credentials are no longer valid and its connections end. It keeps the rights that are not given here.",
    };

    private readonly Option<string> _format = CommonOptions.Choice("--format", "Lines for a shell, or JSON.", ReportFormat.Text);
    private readonly TokenFileOption _file = new();

    public TokenAddCommand(CommandHost host)
        : base(host, "add", "Give a consumer an app key and a secret of its own. They are shown now and never again: of the secret only a hash is kept.")
    {
        Add(_name);
        _rights.AddTo(this);
        Add(_replace);
        Add(_format);
        Add(_file);
    }

    public override IReadOnlyList<(string Line, string Does)> Examples =>
    [
        ("kisfeed gateway token add backtest", "may register for everything but order notices"),
        ("kisfeed gateway token add dashboard --feeds index,H0BJCNT0", "may register for these two feeds alone"),
        ("kisfeed gateway token add trader --notices --expires 2026-12-31", "may register for everything, order notices included, until the end of the year"),
        ("kisfeed gateway token add desk --operator", "may see who uses the gateway and how they get on"),
        ("kisfeed gateway token add backtest --replace --format json", "new credentials at once for one whose secret was seen, for a program"),
    ];

    protected override async Task<int> RunAsync(ParseResult arguments, CancellationToken cancellationToken)
    {
        var file = _file.Open(arguments, Host);
        var credentials = ConsumerCredentials.Create();
        var consumer = _rights.Apply(arguments, new Consumer
        {
            Name = _name.Read(arguments),
            AppKey = credentials.AppKey,
            SecretHash = ConsumerCredentials.HashOf(credentials.AppSecret),
            CreatedAt = Host.Time.GetUtcNow(),
        });
        await file.AddAsync(consumer, arguments.GetValue(_replace) ? Replace : null, cancellationToken);
        await TokenOutput.WriteAsync(Host, arguments.GetChoice<ReportFormat>(_format), consumer, credentials, cancellationToken);
        Host.Tell($"{consumer.Name} {ConsumerText.RightsOf(consumer)}, as {file.Path} says. The secret is not kept: take it now.");
        return ExitCode.Success;

        Consumer Replace(Consumer before) => consumer = _rights.Apply(arguments, before with
        {
            Name = consumer.Name,
            AppKey = consumer.AppKey,
            SecretHash = consumer.SecretHash,
            CreatedAt = consumer.CreatedAt,
            Previous = null,
        });
    }
}
