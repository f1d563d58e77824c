using KisFeed.Gateway.Consumers;

namespace KisFeed.Cli.Commands.Tokens;

/// <summary><c>kisfeed gateway token set</c>: changes the rights of a consumer.</summary>
internal sealed class TokenSetCommand : KisFeedCommand
{
    private readonly ConsumerNameArgument _name = new(UiText.Of("The name of the consumer.", "소비자의 이름."));
    private readonly RightsOptions _rights = new();
    private readonly TokenFileOption _file = new();

    public TokenSetCommand(CommandHost host)
        : base(host, "set", UiText.Of(
            "Change the rights of a consumer. Its credentials and the rights that are not given stay unchanged. A running gateway "
                + "applies the change within seconds.",
            "소비자의 권한 변경. 앱키와 시크릿, 지정하지 않은 권한은 그대로입니다. 실행 중인 게이트웨이에도 몇 초 안에 반영됩니다."))
    {
        Add(_name);
        _rights.AddTo(this);
        Add(_file);
    }

    public override IReadOnlyList<(string Line, string Does)> Examples =>
    [
        ("kisfeed gateway token set dashboard --feeds all", UiText.Of("every feed except order notices", "주문 통보 말고는 모두")),
        ("kisfeed gateway token set trader --no-notices", UiText.Of("connections with order notices end", "주문 통보를 받는 연결은 끊깁니다")),
        ("kisfeed gateway token set intern --expires 2026-12-31", UiText.Of("until the end of that day in Korea", "한국 시각으로 그날 끝까지")),
    ];

    protected override async Task<int> RunAsync(ParseResult arguments, CancellationToken cancellationToken)
    {
        if (!_rights.IsAnyGiven(arguments))
        {
            throw new CommandException(UiText.Of(
                "nothing to change: give --feeds, --notices, --operator or --expires",
                "바꿀 것이 없습니다. --feeds, --notices, --operator, --expires 등을 지정하세요"));
        }
        var file = _file.Open(arguments, Host);
        Consumer? changed = null;
        await file.ChangeAsync(_name.Read(arguments), before => changed = _rights.Apply(arguments, before), cancellationToken);
        Host.WriteMessage(UiText.Of(
            $"{changed!.Name} {ConsumerText.RightsOf(changed)}, according to {file.Path}",
            $"{changed!.Name}: {ConsumerText.RightsOf(changed)} ({file.Path})"));
        return ExitCode.Success;
    }
}
