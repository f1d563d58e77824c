namespace KisFeed.Cli.Shells;

/// <summary>The manual page of <c>kisfeed</c>, from the descriptions that <c>--help</c> shows.</summary>
internal sealed class ManualPage
{
    private readonly StringBuilder _text = new();

    private ManualPage()
    {
    }

    /// <summary>Writes the page of the command and all its commands, in the macros of man(7).</summary>
    public static string Write(Command root)
    {
        var page = new ManualPage();
        page.Macro("TH", "KISFEED", "1", "", $"KisFeed {ProductVersion.WithoutRevision}", "User Commands");
        page.Macro("SH", "NAME");
        page.Line($"{root.Name} - {root.Description}");
        page.Macro("SH", "SYNOPSIS");
        page.Macro("B", root.Name);
        page.Line("COMMAND [OPTION]...");
        page.Macro("SH", "COMMANDS");
        page.WriteMembers(root, root.Name);
        page.Macro("SH", "EXIT STATUS");
        page.WriteExitCode(ExitCode.Success, "done");
        page.WriteExitCode(ExitCode.Usage, CommandHelpAction.UsageMeaning);
        page.Line("Further codes are listed with the commands that use them.");
        return page._text.ToString();
    }

    private void WriteMembers(Command group, string path)
    {
        foreach (var command in group.Subcommands.Where(command => !command.Hidden))
        {
            var name = $"{path} {command.Name}";
            if (command is KisFeedCommand own)
                Write(own, name);
            WriteMembers(command, name);
        }
    }

    private void Write(KisFeedCommand command, string name)
    {
        Macro("SS", string.Join(' ', [name, .. command.Arguments.Select(FormOf), "[OPTION]..."]));
        Line(command.Description ?? "");
        foreach (var argument in command.Arguments)
            WriteTerm(FormOf(argument), argument.Description);
        var sections = command.Sections;
        WriteOptions(command.Options.Except(sections.SelectMany(section => section.Options.Concat(section.Rare))));
        foreach (var section in sections)
        {
            Macro("PP");
            Macro("I", section.Title);
            WriteOptions([.. section.Options, .. section.Rare]);
        }

        Macro("PP");
        Macro("I", "Examples");
        foreach (var (line, does) in command.Examples)
            WriteTerm(line, does);
        if (command.ExitCodes.Count == 0)
            return;
        Macro("PP");
        Macro("I", "Exit codes");
        foreach (var (code, means) in command.ExitCodes)
            WriteExitCode(code, means);
    }

    private void WriteOptions(IEnumerable<Option> options)
    {
        foreach (var option in options.Where(option => !option.Hidden))
        {
            var names = string.Join(", ", option.Aliases.Prepend(option.Name));
            var preset = option is { HasDefaultValue: true, ValueType: var type } && type != typeof(bool) ? option.GetDefaultValue() : null;
            WriteTerm(
                option.HelpName is { } form ? $"{names} {form}" : names,
                preset is null ? option.Description : $"{option.Description} [{Convert.ToString(preset, CultureInfo.InvariantCulture)}]");
        }
    }

    private void WriteExitCode(int code, string means) => WriteTerm(code.ToString(CultureInfo.InvariantCulture), means);

    private void WriteTerm(string term, string? description)
    {
        Macro("TP");
        Macro("B", term);
        Line(description ?? "");
    }

    private static string FormOf(Argument argument)
    {
        var name = argument.HelpName ?? argument.Name;
        if (argument.Arity.MaximumNumberOfValues > 1)
            name += "...";
        return argument.Arity.MinimumNumberOfValues == 0 ? $"[{name}]" : name;
    }

    private void Macro(string name, params ReadOnlySpan<string> arguments)
    {
        _text.Append('.').Append(name);
        foreach (var argument in arguments)
            _text.Append(" \"").Append(Escape(argument).Replace("\"", "\\(dq", StringComparison.Ordinal)).Append('"');
        _text.Append('\n');
    }

    // A line that begins with a dot or an apostrophe would be a macro.
    private void Line(string text) =>
        _text.Append(text.StartsWith('.') || text.StartsWith('\'') ? "\\&" : "").Append(Escape(text)).Append('\n');

    private static string Escape(string text) => text.ReplaceLineEndings(" ")
        .Replace("\\", "\\e", StringComparison.Ordinal)
        .Replace("-", "\\-", StringComparison.Ordinal);
}
