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
/// Prints the library's help, with the options in sections if the command has some, followed by the command's examples and exit codes.
/// </summary>
internal sealed class CommandHelpAction(HelpAction help, bool showsAll = false) : SynchronousCommandLineAction
{
    /// <summary>What exit code 1 means for every command.</summary>
    public const string UsageMeaning = "wrong usage, missing configuration, or a file or port that cannot be used";

    private const string OptionsHeading = "Options:";

    public override bool ClearsParseErrors => true;

    public override int Invoke(ParseResult parseResult)
    {
        if (parseResult.CommandResult.Command is not KisFeedCommand command)
            return help.Invoke(parseResult);
        var output = parseResult.InvocationConfiguration.Output;
        WriteUsage(parseResult, command);
        foreach (var section in command.Sections)
            output.Write(TextOf(section.Title, [.. section.Options, .. showsAll ? section.Rare : []]));
        output.WriteLine("Examples:");
        string[] hidden = showsAll ? [] : [.. command.Sections.SelectMany(section => section.Rare).Select(option => option.Name)];
        foreach (var (line, does) in command.Examples)
        {
            if (line.Split(' ').Intersect(hidden, StringComparer.Ordinal).Any())
                continue;
            output.WriteLine($"  # {does}");
            output.WriteLine($"  {line}");
        }

        output.WriteLine();
        output.WriteLine("Exit codes:");
        output.WriteLine("  0    done");
        output.WriteLine($"  1    {UsageMeaning}");
        foreach (var (code, means) in command.ExitCodes)
            output.WriteLine($"  {code,-3}  {means}");
        return ExitCode.Success;
    }

    // The library has one list of options. Those of sections are hidden from it.
    private void WriteUsage(ParseResult parseResult, KisFeedCommand command)
    {
        Option[] listed = [.. command.Sections.SelectMany(section => section.Options.Concat(section.Rare))];
        foreach (var option in listed)
            option.Hidden = true;
        help.Invoke(parseResult);
        foreach (var option in listed)
            option.Hidden = false;
    }

    // The list of a command that has only these options.
    private string TextOf(string title, Option[] options)
    {
        var own = new HelpOption { Hidden = true };
        ((HelpAction)own.Action!).MaxWidth = help.MaxWidth;
        var part = new Command("part") { own };
        foreach (var option in options)
            part.Add(option);
        using var text = new StringWriter();
        part.Parse([own.Name]).Invoke(new InvocationConfiguration { Output = text });
        var list = text.ToString();
        return title + list[(list.IndexOf(OptionsHeading, StringComparison.Ordinal) + OptionsHeading.Length - 1)..];
    }
}
