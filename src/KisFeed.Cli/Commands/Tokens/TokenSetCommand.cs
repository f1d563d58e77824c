using KisFeed.Gateway.Consumers;

namespace KisFeed.Cli.Commands.Tokens;

/// <summary><c>kisfeed gateway token set</c>: changes the rights of a consumer.</summary>
internal sealed class TokenSetCommand : KisFeedCommand
{
    private readonly ConsumerNameArgument _name = new("The name of the consumer.");
    private readonly RightsOptions _rights = new();
    private readonly TokenFileOption _file = new();

    public TokenSetCommand(CommandHost host)
        : base(host, "set", "Change the rights of a consumer. Its credentials and the rights that are not given stay unchanged. "
            + "A running gateway applies the change within seconds.")
    {
        Add(_name);
        _rights.AddTo(this);
        Add(_file);
    }

    public override IReadOnlyList<(string Line, string Does)> Examples =>
    [
        ("kisfeed gateway token set dashboard --feeds all", "every feed except order notices"),
        ("kisfeed gateway token set trader --no-notices", "connections with order notices end"),
        ("kisfeed gateway token set intern --expires 2026-12-31", "until the end of that day in Korea"),
    ];

    protected override async Task<int> RunAsync(ParseResult arguments, CancellationToken cancellationToken)
    {
        if (!_rights.IsAnyGiven(arguments))
            throw new CommandException("nothing to change: give --feeds, --notices, --operator or --expires");
        var file = _file.Open(arguments, Host);
        Consumer? changed = null;
        await file.ChangeAsync(_name.Read(arguments), before => changed = _rights.Apply(arguments, before), cancellationToken);
        Host.WriteMessage($"{changed!.Name} {ConsumerText.RightsOf(changed)}, according to {file.Path}");
        return ExitCode.Success;
    }
}
