using System.Collections;
using System.CommandLine.Help;
using System.CommandLine.Invocation;

namespace KisFeed.Cli.Hosting;

/// <summary>Options of a command under a heading of their own in its help.</summary>
internal sealed record OptionSection(string Title, Option[] Options)
{
    /// <summary>Options that few need: only <c>--help-all</c> shows them.</summary>
    public Option[] Rare { get; init; } = [];
}

/// <summary>
/// Prints the help of a command: description, usage, arguments, options (in sections if the command has some) and commands, followed by
/// examples and exit codes.
/// </summary>
internal sealed class CommandHelpAction(CommandHost host, bool showsAll = false) : SynchronousCommandLineAction
{
    /// <summary>What exit code 1 means for every command.</summary>
    public static string UsageMeaning => UiText.Of(
        "wrong usage, missing configuration, or a file or port that cannot be used",
        "사용법 오류, 설정 누락, 사용할 수 없는 파일이나 포트");

    public override bool ClearsParseErrors => true;

    public override int Invoke(ParseResult parseResult)
    {
        var output = parseResult.InvocationConfiguration.Output;
        var command = parseResult.CommandResult.Command;
        var own = command as KisFeedCommand;
        var sections = own?.Sections ?? [];
        if (!command.Hidden)
        {
            var help = new HelpWriter(output, host.OutputIsTerminal ? host.TerminalSize().Columns : int.MaxValue);
            WriteUsage(help, command, sections);
            foreach (var section in sections)
                help.WriteRows($"{section.Title}:", RowsOf([.. section.Options, .. showsAll ? section.Rare : []]));
        }
        if (own is null)
            return ExitCode.Success;

        output.WriteLine(UiText.Of("Examples:", "예:"));
        string[] hidden = showsAll ? [] : [.. sections.SelectMany(section => section.Rare).Select(option => option.Name)];
        foreach (var (line, does) in own.Examples)
        {
            if (line.Split(' ').Intersect(hidden, StringComparer.Ordinal).Any())
                continue;
            output.WriteLine($"  # {does}");
            output.WriteLine($"  {line}");
        }

        output.WriteLine();
        output.WriteLine(UiText.Of("Exit codes:", "종료 코드:"));
        output.WriteLine($"  0    {UiText.Of("done", "정상 종료")}");
        output.WriteLine($"  1    {UsageMeaning}");
        foreach (var (code, means) in own.ExitCodes)
            output.WriteLine($"  {code,-3}  {means}");
        return ExitCode.Success;
    }

    private static void WriteUsage(HelpWriter help, Command command, IReadOnlyList<OptionSection> sections)
    {
        Command[] path = [.. PathOf(command)];
        var commands = command.Subcommands.Where(member => !member.Hidden).ToList();
        Option[] listed = [.. sections.SelectMany(section => section.Options.Concat(section.Rare))];
        Option[] options =
        [
            .. command.Options.Where(option => !option.Hidden).OrderBy(option => option is HelpOption or VersionOption),
            .. path[..^1].SelectMany(parent => parent.Options.Where(option => option is { Recursive: true, Hidden: false })),
        ];
        help.WriteText(UiText.Of("Description:", "설명:"), command.Description ?? "");
        help.WriteText(UiText.Of("Usage:", "사용법:"), string.Join(' ',
        [
            .. path.Select(part => string.Join(' ', [part.Name, .. UsageOf(part.Arguments)])),
            .. commands.Count > 0 ? [UiText.Of("[command]", "[명령]")] : (string[])[],
            UiText.Of("[options]", "[옵션]"),
        ]));
        help.WriteRows(UiText.Of("Arguments:", "인수:"),
        [
            .. path.SelectMany(part => part.Arguments).Select(argument => (FormOf(argument), Description(argument, PresetOf(argument)))),
        ]);
        help.WriteRows(UiText.Of("Options:", "옵션:"), RowsOf(options.Except(listed)));
        help.WriteRows(UiText.Of("Commands:", "명령:"),
        [
            .. commands.Select(member => (
                string.Join(' ', [member.Name, .. member.Arguments.Select(FormOf)]),
                Description(member, string.Join(", ", member.Arguments.Select(PresetOf).Where(preset => preset.Length > 0))))),
        ]);
    }

    private static IEnumerable<Command> PathOf(Command command) =>
        [.. command.Parents.OfType<Command>().SelectMany(PathOf), command];

    // [<FILE>]..., and the closing brackets of optional arguments at the end: each needs the one before it.
    private static string[] UsageOf(IList<Argument> arguments)
    {
        if (arguments.Count == 0)
            return [];
        var words = arguments.Select(argument =>
        {
            var several = argument.Arity.MaximumNumberOfValues > 1 ? "..." : "";
            return $"{(IsOptional(argument) ? "[" : "")}<{argument.Name}>{several}";
        });
        return [string.Join(' ', words) + new string(']', arguments.Count(IsOptional))];

        static bool IsOptional(Argument argument) => argument.Arity.MinimumNumberOfValues == 0;
    }

    private static (string Name, string Description)[] RowsOf(IEnumerable<Option> options) =>
        [.. options.Select(option => (NameOf(option), Description(option, PresetOf(option))))];

    // Without /h and /?, the aliases for Windows.
    private static string NameOf(Option option)
    {
        var names = string.Join(", ", option.Aliases.Append(option.Name)
            .Where(name => name[0] != '/')
            .OrderBy(name => name.StartsWith("--", StringComparison.Ordinal))
            .ThenBy(name => name, StringComparer.Ordinal));
        return option.HelpName is { } form ? $"{names} <{form}>" : names;
    }

    private static string FormOf(Argument argument) => $"<{argument.HelpName ?? argument.Name}>";

    private static string Description(Symbol symbol, string preset) =>
        $"{symbol.Description} {(preset.Length > 0 ? $"[{preset}]" : "")}".Trim();

    private static string PresetOf(Symbol symbol)
    {
        var value = symbol switch
        {
            Option { HasDefaultValue: true } option => option.GetDefaultValue(),
            Argument { HasDefaultValue: true } argument => argument.GetDefaultValue(),
            _ => null,
        };
        var text = value switch
        {
            null or false => "",
            true => "true",
            string plain => plain,
            IEnumerable several => string.Join('|', several.Cast<object>()),
            _ => Convert.ToString(value, CultureInfo.InvariantCulture),
        };
        return string.IsNullOrWhiteSpace(text) ? "" : $"{UiText.Of("default", "기본값")}: {text}";
    }
}
