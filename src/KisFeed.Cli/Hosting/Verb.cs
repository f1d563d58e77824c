using System.CommandLine;

namespace KisFeed.Cli.Hosting;

/// <summary>One verb of the command, with what its help shows beside its options.</summary>
internal abstract class Verb : Command
{
    private protected Verb(CommandHost host, string name, string description)
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
