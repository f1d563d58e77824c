using KisFeed.Gateway.Consumers;

namespace KisFeed.Cli.Commands.Tokens;

/// <summary><c>kisfeed gateway token add</c>: adds a consumer and creates its credentials.</summary>
internal sealed class TokenAddCommand : KisFeedCommand
{
    private readonly ConsumerNameArgument _name = new(UiText.Of(
        $"The name of the consumer: {ConsumerNameArgument.NameForm}.",
        $"소비자의 이름: {ConsumerNameArgument.NameForm}."));
    private readonly RightsOptions _rights = new(" [all]");
    private readonly SwitchOption _replace = new("--replace",
        UiText.Of(
            "Replace the consumer of this name: its credentials become invalid and its connections end. Rights that are not given stay "
                + "unchanged.",
            "이 이름의 소비자 바꾸기: 기존 앱키와 시크릿은 무효가 되고 연결은 끊깁니다. 지정하지 않은 권한은 그대로입니다."));

    private readonly TextOrJsonOption _format = new(UiText.Of("Shell lines, or JSON.", "셸 명령 또는 JSON."));
    private readonly TokenFileOption _file = new();

    public TokenAddCommand(CommandHost host)
        : base(
            host, "add", UiText.Of(
                "Add a consumer with its own app key and secret. They are shown only once: of the secret only a hash is stored.",
                "소비자를 추가하고 앱키와 시크릿을 발급. 한 번만 보여 줍니다. 시크릿은 해시만 저장합니다."))
    {
        Add(_name);
        _rights.AddTo(this);
        this.AddAll(_replace, _format, _file);
    }

    public override IReadOnlyList<(string Line, string Does)> Examples =>
    [
        ("kisfeed gateway token add backtest", UiText.Of("may register for everything except order notices", "주문 통보 말고는 모두 등록할 수 있음")),
        ("kisfeed gateway token add dashboard --feeds index,H0BJCNT0", UiText.Of(
            "may register for these two feeds only",
            "이 두 피드만 등록할 수 있음")),
        ("kisfeed gateway token add trader --notices --expires 2026-12-31",
            UiText.Of("may register for everything, order notices included, until the end of the year", "주문 통보까지 모두, 올해 말까지")),
        ("kisfeed gateway token add desk --operator", UiText.Of("may see the status of all consumers", "모든 소비자의 상태를 볼 수 있음")),
        ("kisfeed gateway token add backtest --replace --format json", UiText.Of(
            "new credentials after a leak, for a script",
            "시크릿이 새어 나갔을 때 새로 발급, 스크립트용")),
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
            UiText.Of(
                $"{consumer.Name} {ConsumerText.RightsOf(consumer)}, according to {file.Path}. The secret is not stored: copy it now.",
                $"{consumer.Name}: {ConsumerText.RightsOf(consumer)} ({file.Path}). 시크릿은 저장하지 않으니 지금 복사하세요."));
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
