namespace KisFeed.Cli.Commands.Tokens;

/// <summary><c>kisfeed gateway token remove</c>: removes a consumer.</summary>
internal sealed class TokenRemoveCommand : KisFeedCommand
{
    private readonly ConsumerNameArgument _name = new(UiText.Of("The name of the consumer.", "소비자의 이름."));
    private readonly TokenFileOption _file = new();

    public TokenRemoveCommand(CommandHost host)
        : base(host, "remove", UiText.Of(
            "Remove a consumer. A running gateway closes its connections within seconds.",
            "소비자 삭제. 실행 중인 게이트웨이는 몇 초 안에 연결을 닫습니다."))
    {
        this.AddAll(_name, _file);
    }

    public override IReadOnlyList<(string Line, string Does)> Examples =>
        [("kisfeed gateway token remove backtest", UiText.Of("its credentials become invalid", "앱키와 시크릿이 무효가 됩니다"))];

    protected override async Task<int> RunAsync(ParseResult arguments, CancellationToken cancellationToken)
    {
        var file = _file.Open(arguments, Host);
        var name = _name.Read(arguments);
        await file.RemoveAsync(name, cancellationToken);
        Host.WriteMessage(UiText.Of($"{name} was removed from {file.Path}", $"{name}: {file.Path}에서 삭제했습니다"));
        return ExitCode.Success;
    }
}
