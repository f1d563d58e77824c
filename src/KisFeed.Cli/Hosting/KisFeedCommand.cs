using System.CommandLine;
using System.CommandLine.Help;
using System.CommandLine.Invocation;

namespace KisFeed.Cli.Hosting;

/// <summary>One verb of the command, with what its help shows beside its options.</summary>
internal abstract class KisFeedCommand : Command
{
    private protected KisFeedCommand(CommandHost host, string name, string description)
        : base(name, description)
    {
        Host = host;
        SetAction(RunAsync);
    }

    /// <summary>Command lines that work as they stand, each with what it does.</summary>
    public abstract IReadOnlyList<(string Line, string Does)> Examples { get; }

    /// <summary>Codes that this verb returns beside 0 and 1, each with its meaning.</summary>
    public virtual IReadOnlyList<(int Code, string Means)> ExitCodes => [];

    protected CommandHost Host { get; }

    protected abstract Task<int> RunAsync(ParseResult arguments, CancellationToken cancellationToken);
}

/// <summary>Verbs under a common name, which by itself only shows what they are.</summary>
internal sealed class CommandGroup : Command
{
    /// <summary>A group of verbs, or of groups.</summary>
    /// <param name="help">The option that shows help.</param>
    /// <param name="name">The common name.</param>
    /// <param name="description">What the verbs are for.</param>
    /// <param name="members">The verbs.</param>
    public CommandGroup(HelpOption help, string name, string description, params ReadOnlySpan<Command> members)
        : base(name, description)
    {
        foreach (var member in members)
            Add(member);
        SetAction(((SynchronousCommandLineAction)help.Action!).Invoke);
    }
}

/// <summary>Prints the library's help, and behind it the verb's examples and exit codes.</summary>
internal sealed class CommandHelpAction(HelpAction help) : SynchronousCommandLineAction
{
    public override bool ClearsParseErrors => true;

    public override int Invoke(ParseResult parseResult)
    {
        help.Invoke(parseResult);
        if (parseResult.CommandResult.Command is not KisFeedCommand verb)
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
