using System.CommandLine;
using KisFeed.Cli.Hosting;
using KisFeed.Cli.Options;

namespace KisFeed.Cli.Commands.Tokens;

/// <summary><c>kisfeed gateway token remove</c>: takes a consumer's credentials away.</summary>
internal sealed class TokenRemoveCommand : KisFeedCommand
{
    private readonly ConsumerNameArgument _name = new("What the consumer is called.");
    private readonly TokenFileOption _file = new();

    public TokenRemoveCommand(CommandHost host)
        : base(host, "remove", "Take a consumer's credentials away. A gateway that is running ends its connections within seconds.")
    {
        Add(_name);
        Add(_file);
    }

    public override IReadOnlyList<(string Line, string Does)> Examples => [("kisfeed gateway token remove backtest", "what it has is good for nothing any more")];

    protected override async Task<int> RunAsync(ParseResult arguments, CancellationToken cancellationToken)
    {
        var file = _file.Open(arguments, Host);
        var name = _name.Read(arguments);
        await file.RemoveAsync(name, cancellationToken);
        Host.Tell($"{name} was removed from {file.Path}");
        return ExitCode.Success;
    }
}
