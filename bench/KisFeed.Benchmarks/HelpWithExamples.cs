using System.CommandLine;
using System.CommandLine.Help;
using System.CommandLine.Invocation;

namespace KisFeed.Benchmarks;

/// <summary>Prints the library's help, followed by the command's examples.</summary>
internal sealed class HelpWithExamples(HelpAction help) : SynchronousCommandLineAction
{
    public override bool ClearsParseErrors => true;

    public override int Invoke(ParseResult parseResult)
    {
        var result = help.Invoke(parseResult);
        if (parseResult.CommandResult.Command is not IHasExamples { Examples: var examples })
            return result;
        var output = parseResult.InvocationConfiguration.Output;
        output.WriteLine("Examples:");
        foreach (var (line, purpose) in examples)
        {
            output.WriteLine($"  # {purpose}");
            output.WriteLine($"  dotnet run -c Release --project bench/KisFeed.Benchmarks -- {line}");
        }

        return result;
    }
}

/// <summary>A command whose help ends with examples.</summary>
internal interface IHasExamples
{
    /// <summary>The arguments, and their purpose.</summary>
    IReadOnlyList<(string Line, string Purpose)> Examples { get; }
}
