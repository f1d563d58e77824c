using KisFeed.Cli.Shells;

namespace KisFeed.Cli.Commands;

/// <summary><c>kisfeed man</c>: prints the manual page.</summary>
internal sealed class ManCommand : KisFeedCommand
{
    private readonly Func<Command> _root;

    public ManCommand(CommandHost host, Func<Command> root)
        : base(host, "man", UiText.Of(
            "Print the manual page of all commands, for man.",
            "모든 명령의 매뉴얼 페이지(영어) 출력. man으로 읽습니다.")) => _root = root;

    public override IReadOnlyList<(string Line, string Does)> Examples =>
    [
        ("kisfeed man | man -l -", UiText.Of("reads it", "바로 읽기")),
        ("kisfeed man > ~/.local/share/man/man1/kisfeed.1", UiText.Of("installs it for 'man kisfeed'", "'man kisfeed'로 볼 수 있게 설치")),
    ];

    protected override async Task<int> RunAsync(ParseResult arguments, CancellationToken cancellationToken)
    {
        // The page is installed once, for users of all languages.
        CultureInfo.CurrentUICulture = Language.English;
        await Host.WriteAsync(ManualPage.Write(_root()), cancellationToken);
        return ExitCode.Success;
    }
}
