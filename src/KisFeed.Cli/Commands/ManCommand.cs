using KisFeed.Cli.Shells;

namespace KisFeed.Cli.Commands;

/// <summary><c>kisfeed man</c>: prints the manual page.</summary>
internal sealed class ManCommand : KisFeedCommand
{
    private readonly Func<Command> _root;

    public ManCommand(CommandHost host, Func<Command> root)
        : base(host, "man", "Print the manual page of all commands, for man.") => _root = root;

    public override IReadOnlyList<(string Line, string Does)> Examples =>
    [
        ("kisfeed man | man -l -", "reads it"),
        ("kisfeed man > ~/.local/share/man/man1/kisfeed.1", "installs it for 'man kisfeed'"),
    ];

    protected override async Task<int> RunAsync(ParseResult arguments, CancellationToken cancellationToken)
    {
        await Host.WriteAsync(ManualPage.Write(_root()), cancellationToken);
        return ExitCode.Success;
    }
}
