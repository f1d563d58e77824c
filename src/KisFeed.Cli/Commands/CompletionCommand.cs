using KisFeed.Cli.Shells;

namespace KisFeed.Cli.Commands;

/// <summary><c>kisfeed completion</c>: prints the script that makes a shell complete commands, options and values.</summary>
internal sealed class CompletionCommand : KisFeedCommand
{
    private readonly Argument<string> _shell = new("SHELL")
    {
        Description = UiText.Of(
        "The shell.",
        "셸."),
        HelpName = "bash|zsh|fish|pwsh"
    };

    public CompletionCommand(CommandHost host)
        : base(host, "completion", UiText.Of(
            "Print a script for your shell that completes commands, options, values and feeds.",
            "명령, 옵션, 값, 피드를 자동 완성하는 셸 스크립트 출력."))
    {
        _shell.AcceptOnlyFromAmong([.. Enum.GetValues<Shell>().Select(NameOf)]);
        Add(_shell);
    }

    public override IReadOnlyList<(string Line, string Does)> Examples =>
    [
        ("kisfeed completion bash > ~/.local/share/bash-completion/completions/kisfeed", UiText.Of(
            "for bash with the package bash-completion",
            "bash, bash-completion 패키지가 있을 때")),
        ("kisfeed completion bash >> ~/.bashrc", UiText.Of("for bash without it", "bash, 그 패키지가 없을 때")),
        ("kisfeed completion zsh > ~/.zfunc/_kisfeed", UiText.Of(
            "for zsh: a folder of fpath, before compinit",
            "zsh. fpath에 있는 폴더에, compinit보다 먼저")),
        ("kisfeed completion fish > ~/.config/fish/completions/kisfeed.fish", UiText.Of("for fish", "fish용")),
        ("kisfeed completion pwsh >> $PROFILE", UiText.Of("for PowerShell", "PowerShell용")),
    ];

    protected override async Task<int> RunAsync(ParseResult arguments, CancellationToken cancellationToken)
    {
        var shell = Enum.GetValues<Shell>().First(shell => NameOf(shell) == arguments.GetRequiredValue(_shell));
        await Host.WriteAsync(CompletionScript.Of(shell), cancellationToken);
        return ExitCode.Success;
    }

    private static string NameOf(Shell shell) => shell.ToString().ToLowerInvariant();
}
