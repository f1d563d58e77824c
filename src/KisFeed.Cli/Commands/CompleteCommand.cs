using KisFeed.Cli.Shells;

namespace KisFeed.Cli.Commands;

/// <summary><c>kisfeed complete</c>: prints the completions of a command line, for <see cref="CompletionScript"/>.</summary>
internal sealed class CompleteCommand : KisFeedCommand
{
    private readonly Argument<string> _line = new("LINE") { Description = UiText.Of("The command line up to the cursor.", "커서까지의 명령행.") };

    private readonly Func<Command> _root;

    public CompleteCommand(CommandHost host, Func<Command> root)
        : base(host, "complete", UiText.Of("Print the completions of a command line.", "명령행의 자동 완성 후보 출력."))
    {
        _root = root;
        Hidden = true;
        Add(_line);
    }

    public override IReadOnlyList<(string Line, string Does)> Examples => [("kisfeed complete 'kisfeed wat'", UiText.Of(
        "prints watch",
        "watch를 출력"))];

    protected override async Task<int> RunAsync(ParseResult arguments, CancellationToken cancellationToken)
    {
        var text = new StringBuilder();
        foreach (var (word, description) in Completions.Of(_root(), arguments.GetRequiredValue(_line)))
            text.Append(word).Append(description.Length > 0 ? "\t" : "").Append(description).Append('\n');
        await Host.WriteAsync(text.ToString(), cancellationToken);
        return ExitCode.Success;
    }
}
