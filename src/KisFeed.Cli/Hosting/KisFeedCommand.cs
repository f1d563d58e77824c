using System.CommandLine.Help;
using System.CommandLine.Invocation;

namespace KisFeed.Cli.Hosting;

/// <summary>A command of <c>kisfeed</c>, with the examples and exit codes that its help shows.</summary>
internal abstract class KisFeedCommand : Command
{
    private protected KisFeedCommand(CommandHost host, string name, string description)
        : base(name, description)
    {
        Host = host;
        SetAction(RunAsync);
    }

    /// <summary>Command lines that work as written, each with a description.</summary>
    public abstract IReadOnlyList<(string Line, string Does)> Examples { get; }

    /// <summary>The exit codes of this command other than 0 and 1, each with its meaning.</summary>
    public virtual IReadOnlyList<(int Code, string Means)> ExitCodes => [];

    protected CommandHost Host { get; }

    protected abstract Task<int> RunAsync(ParseResult arguments, CancellationToken cancellationToken);
}

/// <summary>Commands under a common name. Without a subcommand it shows its help.</summary>
internal sealed class CommandGroup : Command
{
    /// <summary>Creates a group of commands, or of groups.</summary>
    /// <param name="help">The option that shows help.</param>
    /// <param name="name">The common name.</param>
    /// <param name="description">The purpose of the commands.</param>
    /// <param name="members">The commands.</param>
    public CommandGroup(HelpOption help, string name, string description, params ReadOnlySpan<Command> members)
        : base(name, description)
    {
        foreach (var member in members)
            Add(member);
        SetAction(((SynchronousCommandLineAction)help.Action!).Invoke);
    }
}

/// <summary>Prints the library's help, followed by the command's examples and exit codes.</summary>
internal sealed class CommandHelpAction(HelpAction help) : SynchronousCommandLineAction
{
    public override bool ClearsParseErrors => true;

    public override int Invoke(ParseResult parseResult)
    {
        help.Invoke(parseResult);
        if (parseResult.CommandResult.Command is not KisFeedCommand command)
            return ExitCode.Success;

        var output = parseResult.InvocationConfiguration.Output;
        output.WriteLine("Examples:");
        foreach (var (line, does) in command.Examples)
        {
            output.WriteLine($"  # {does}");
            output.WriteLine($"  {line}");
        }

        output.WriteLine();
        output.WriteLine("Exit codes:");
        output.WriteLine("  0    done");
        output.WriteLine("  1    wrong usage, missing configuration, or a file or port that cannot be used");
        foreach (var (code, means) in command.ExitCodes)
            output.WriteLine($"  {code,-3}  {means}");
        return ExitCode.Success;
    }
}
