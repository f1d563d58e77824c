using KisFeed.Gateway.Consumers;

namespace KisFeed.Cli.Commands.Tokens;

/// <summary><c>kisfeed gateway token add</c>: adds a consumer and creates its credentials.</summary>
internal sealed class TokenAddCommand : KisFeedCommand
{
    private readonly ConsumerNameArgument _name = new($"The name of the consumer: {ConsumerName.Format}.");
    private readonly RightsOptions _rights = new(" [all]");
    private readonly SwitchOption _replace = new("--replace",
        "Replace the consumer of this name: its credentials become invalid and its connections end. Rights that are not given stay "
            + "unchanged.");

    private readonly TextOrJsonOption _format = new("Shell lines, or JSON.");
    private readonly TokenFileOption _file = new();

    public TokenAddCommand(CommandHost host)
        : base(
            host, "add", "Add a consumer with its own app key and secret. They are shown only once: of the secret only a hash is stored.")
    {
        Add(_name);
        _rights.AddTo(this);
        this.AddAll(_replace, _format, _file);
    }

    public override IReadOnlyList<(string Line, string Does)> Examples =>
    [
        ("kisfeed gateway token add backtest", "may register for everything except order notices"),
        ("kisfeed gateway token add dashboard --feeds index,H0BJCNT0", "may register for these two feeds only"),
        ("kisfeed gateway token add trader --notices --expires 2026-12-31",
            "may register for everything, order notices included, until the end of the year"),
        ("kisfeed gateway token add desk --operator", "may see the status of all consumers"),
        ("kisfeed gateway token add backtest --replace --format json", "new credentials after a leak, for a script"),
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
        var created = new NewConsumer(consumer, credentials);
        await _format.WriteAsync(Host, arguments, created.WriteText, created.ToJson, cancellationToken);
        Host.WriteMessage(
            $"{consumer.Name} {ConsumerText.RightsOf(consumer)}, according to {file.Path}. The secret is not stored: copy it now.");
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
