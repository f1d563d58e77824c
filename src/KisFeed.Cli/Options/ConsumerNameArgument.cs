using System.CommandLine;
using KisFeed.Cli.Hosting;
using KisFeed.Gateway;

namespace KisFeed.Cli.Options;

/// <summary>What a consumer of the gateway is called.</summary>
internal sealed class ConsumerNameArgument : Argument<string>
{
    public ConsumerNameArgument(string description)
        : base("NAME")
    {
        Description = description;
        this.RefuseOptions();
    }

    /// <summary>The name.</summary>
    /// <exception cref="CommandException">Nobody can be called that.</exception>
    public string Read(ParseResult arguments)
    {
        var name = arguments.GetRequiredValue(this);
        return ConsumerName.IsValid(name) ? name : throw new CommandException($"a name has {ConsumerName.Form}");
    }
}
