using System.CommandLine;
using System.CommandLine.Help;
using System.CommandLine.Invocation;

namespace KisFeed.Cli.Hosting;

/// <summary>Prints the library's help, and behind it the verb's examples and exit codes.</summary>
internal sealed class VerbHelpAction(HelpAction help) : SynchronousCommandLineAction
{
    public override bool ClearsParseErrors => true;

    public override int Invoke(ParseResult parseResult)
    {
        help.Invoke(parseResult);
        if (parseResult.CommandResult.Command is not Verb verb)
            return ExitCode.Success;

        var output = parseResult.InvocationConfiguration.Output;
        output.WriteLine("Examples:");
        foreach (var (line, does) in verb.Examples)
        {
            output.WriteLine($"  # {does}");
            output.WriteLine($"  {line}");
        }

        output.WriteLine();
        output.WriteLine("Exit codes:");
        output.WriteLine("  0    done");
        output.WriteLine("  1    wrong usage, missing configuration, or a file or port that cannot be used");
        foreach (var (code, means) in verb.ExitCodes)
            output.WriteLine($"  {code,-3}  {means}");
        return ExitCode.Success;
    }
}
