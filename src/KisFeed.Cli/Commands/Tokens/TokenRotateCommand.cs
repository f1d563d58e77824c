using KisFeed.Gateway.Consumers;

namespace KisFeed.Cli.Commands.Tokens;

/// <summary><c>kisfeed gateway token rotate</c>: gives a consumer new credentials; the old ones stay valid for a while.</summary>
internal sealed class TokenRotateCommand : KisFeedCommand
{
    private static readonly TimeSpan s_overlap = TimeSpan.FromHours(24);

    private readonly ConsumerNameArgument _name = new("The name of the consumer.");
    private readonly Option<TimeSpan?> _overlap = CommonOptions.DurationOrOff(
        "--overlap", "How long the old credentials stay valid; off ends them, and their connections, at once. [24h]");
    private readonly TextOrJsonOption _format = new("Shell lines, or JSON.");
    private readonly TokenFileOption _file = new();

    public TokenRotateCommand(CommandHost host)
        : base(host, "rotate", "Give a consumer new credentials. Its rights stay unchanged. The old credentials stay valid for a while, "
            + "so that its programs can switch one by one.")
    {
        this.AddAll(_name, _overlap, _format, _file);
    }

    public override IReadOnlyList<(string Line, string Does)> Examples =>
    [
        ("kisfeed gateway token rotate backtest", "both credentials are valid for a day"),
        ("kisfeed gateway token rotate trader --overlap off", "after a leak: connections with the old secret end within seconds"),
    ];

    protected override async Task<int> RunAsync(ParseResult arguments, CancellationToken cancellationToken)
    {
        var file = _file.Open(arguments, Host);
        var credentials = ConsumerCredentials.Create();
        var overlap = arguments.GetValue(_overlap) ?? s_overlap;
        var now = Host.Time.GetUtcNow();
        Consumer? rotated = null;
        await file.ChangeAsync(
            _name.Read(arguments),
            before => rotated = before with
            {
                AppKey = credentials.AppKey,
                SecretHash = ConsumerCredentials.HashOf(credentials.AppSecret),
                CreatedAt = now,
                Previous = overlap == Timeout.InfiniteTimeSpan
                    ? null
                    : new PreviousCredentials(before.AppKey, before.SecretHash, now + overlap),
            },
            cancellationToken);
        var created = new NewConsumer(rotated!, credentials);
        await _format.WriteAsync(Host, arguments, created.WriteText, created.ToJson, cancellationToken);
        Host.WriteMessage(rotated!.Previous is { } previous
            ? $"{rotated.Name} has new credentials in {file.Path}. The old ones are valid until {ConsumerText.TimeOf(previous.Until)}. "
                + "The secret is not stored: copy it now."
            : $"{rotated.Name} has new credentials in {file.Path}. The old ones are no longer valid. "
                + "The secret is not stored: copy it now.");
        return ExitCode.Success;
    }
}
