using System.CommandLine;
using System.CommandLine.Help;
using System.CommandLine.Invocation;

namespace KisFeed.Cli.Hosting;

/// <summary>Verbs under a common name, which by itself only shows what they are.</summary>
internal sealed class VerbGroup : Command
{
    /// <summary>A group of verbs, or of groups.</summary>
    /// <param name="help">The option that shows help.</param>
    /// <param name="name">The common name.</param>
    /// <param name="description">What the verbs are for.</param>
    /// <param name="members">The verbs.</param>
    public VerbGroup(HelpOption help, string name, string description, params ReadOnlySpan<Command> members)
        : base(name, description)
    {
        foreach (var member in members)
            Add(member);
        SetAction(((SynchronousCommandLineAction)help.Action!).Invoke);
    }
}
