using KisFeed.Gateway.Consumers;

namespace KisFeed.Cli.Commands.Tokens;

/// <summary><c>kisfeed gateway token rotate</c>: gives a consumer new credentials; the old ones stay valid for a while.</summary>
internal sealed class TokenRotateCommand : KisFeedCommand
{
    private static readonly TimeSpan s_overlap = TimeSpan.FromHours(24);

    private readonly ConsumerNameArgument _name = new(UiText.Of("The name of the consumer.", "소비자의 이름."));
    private readonly Option<TimeSpan?> _overlap = CommonOptions.DurationOrOff(
        "--overlap", UiText.Of(
            "How long the old credentials stay valid; off ends them, and their connections, at once. [24h]",
            "기존 앱키와 시크릿이 더 유효한 시간. off면 바로 무효가 되고 연결도 끊깁니다. [24h]"));
    private readonly TextOrJsonOption _format = new(UiText.Of("Shell lines, or JSON.", "셸 명령 또는 JSON."));
    private readonly TokenFileOption _file = new();

    public TokenRotateCommand(CommandHost host)
        : base(host, "rotate", UiText.Of(
            "Give a consumer new credentials. Its rights stay unchanged. The old credentials stay valid for a while, so that its "
                + "programs can switch one by one.",
            "소비자의 앱키와 시크릿을 새로 발급. 권한은 그대로입니다. 프로그램을 하나씩 바꿀 수 있도록 기존 것도 한동안 유효합니다."))
    {
        this.AddAll(_name, _overlap, _format, _file);
    }

    public override IReadOnlyList<(string Line, string Does)> Examples =>
    [
        ("kisfeed gateway token rotate backtest", UiText.Of("both credentials are valid for a day", "하루 동안 둘 다 유효")),
        ("kisfeed gateway token rotate trader --overlap off", UiText.Of(
            "after a leak: connections with the old secret end within seconds",
            "시크릿이 새어 나갔을 때: 옛 시크릿의 연결은 몇 초 안에 끊깁니다")),
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
            ? UiText.Of(
                $"{rotated.Name} has new credentials in {file.Path}. The old ones are valid until {ConsumerText.TimeOf(previous.Until)}. "
                    + "The secret is not stored: copy it now.",
                $"{rotated.Name}: 새 앱키와 시크릿을 발급했습니다({file.Path}). 기존 것은 {ConsumerText.TimeOf(previous.Until)}까지 유효합니다. 시크릿은 저장하지 않으니 지금 "
                    + "복사하세요.")
            : UiText.Of(
                $"{rotated.Name} has new credentials in {file.Path}. The old ones are no longer valid. The secret is not stored: copy it "
                    + "now.",
                $"{rotated.Name}: 새 앱키와 시크릿을 발급했습니다({file.Path}). 기존 것은 더 이상 유효하지 않습니다. 시크릿은 저장하지 않으니 지금 복사하세요."));
        return ExitCode.Success;
    }
}
