using KisFeed.Cli.Shells;

namespace KisFeed.Cli.Commands;

/// <summary><c>kisfeed completion</c>: prints the script that makes a shell complete commands, options and values.</summary>
internal sealed class CompletionCommand : KisFeedCommand
{
    private readonly Argument<string> _shell = new("SHELL") { Description = "The shell.", HelpName = "bash|zsh|fish|pwsh" };

    public CompletionCommand(CommandHost host)
        : base(host, "completion", "Print a script for your shell that completes commands, options, values and feeds.")
    {
        _shell.AcceptOnlyFromAmong([.. Enum.GetValues<Shell>().Select(NameOf)]);
        Add(_shell);
    }

    public override IReadOnlyList<(string Line, string Does)> Examples =>
    [
        ("kisfeed completion bash > ~/.local/share/bash-completion/completions/kisfeed", "for bash with the package bash-completion"),
        ("kisfeed completion bash >> ~/.bashrc", "for bash without it"),
        ("kisfeed completion zsh > ~/.zfunc/_kisfeed", "for zsh: a folder of fpath, before compinit"),
        ("kisfeed completion fish > ~/.config/fish/completions/kisfeed.fish", "for fish"),
        ("kisfeed completion pwsh >> $PROFILE", "for PowerShell"),
    ];

    protected override async Task<int> RunAsync(ParseResult arguments, CancellationToken cancellationToken)
    {
        var shell = Enum.GetValues<Shell>().First(shell => NameOf(shell) == arguments.GetRequiredValue(_shell));
        await Host.WriteAsync(CompletionScript.Of(shell), cancellationToken);
        return ExitCode.Success;
    }

    private static string NameOf(Shell shell) => shell.ToString().ToLowerInvariant();
}

/// <summary><c>kisfeed complete</c>: prints the completions of a command line, for <see cref="CompletionScript"/>.</summary>
internal sealed class CompleteCommand : KisFeedCommand
{
    private readonly Argument<string> _line = new("LINE") { Description = "The command line up to the cursor." };

    private readonly Func<Command> _root;

    public CompleteCommand(CommandHost host, Func<Command> root)
        : base(host, "complete", "Print the completions of a command line.")
    {
        _root = root;
        Hidden = true;
        Add(_line);
    }

    public override IReadOnlyList<(string Line, string Does)> Examples => [("kisfeed complete 'kisfeed wat'", "prints watch")];

    protected override async Task<int> RunAsync(ParseResult arguments, CancellationToken cancellationToken)
    {
        var text = new StringBuilder();
        foreach (var (word, description) in Completions.Of(_root(), arguments.GetRequiredValue(_line)))
            text.Append(word).Append(description.Length > 0 ? "\t" : "").Append(description).Append('\n');
        await Host.WriteAsync(text.ToString(), cancellationToken);
        return ExitCode.Success;
    }
}
