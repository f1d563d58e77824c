namespace KisFeed.Cli.Commands.Tokens;

/// <summary><c>kisfeed gateway token remove</c>: removes a consumer.</summary>
internal sealed class TokenRemoveCommand : KisFeedCommand
{
    private readonly ConsumerNameArgument _name = new("The name of the consumer.");
    private readonly TokenFileOption _file = new();

    public TokenRemoveCommand(CommandHost host)
        : base(host, "remove", "Remove a consumer. A running gateway closes its connections within seconds.")
    {
        this.AddAll(_name, _file);
    }

    public override IReadOnlyList<(string Line, string Does)> Examples =>
        [("kisfeed gateway token remove backtest", "its credentials become invalid")];

    protected override async Task<int> RunAsync(ParseResult arguments, CancellationToken cancellationToken)
    {
        var file = _file.Open(arguments, Host);
        var name = _name.Read(arguments);
        await file.RemoveAsync(name, cancellationToken);
        Host.WriteMessage($"{name} was removed from {file.Path}");
        return ExitCode.Success;
    }
}
