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

    /// <summary>The options under their headings in the help; empty for one list of all options.</summary>
    public virtual IReadOnlyList<OptionSection> Sections => [];

    protected CommandHost Host { get; }

    protected abstract Task<int> RunAsync(ParseResult arguments, CancellationToken cancellationToken);
}

internal sealed class CommandGroup : Command
{
    public CommandGroup(HelpOption help, string name, string description, params ReadOnlySpan<Command> members)
        : base(name, description)
    {
        foreach (var member in members)
            Add(member);
        SetAction(((SynchronousCommandLineAction)help.Action!).Invoke);
    }
}
