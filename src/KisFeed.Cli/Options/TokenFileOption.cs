using KisFeed.Gateway.Consumers;

namespace KisFeed.Cli.Options;

/// <summary>The path of the gateway's token file.</summary>
internal sealed class TokenFileOption(string name = "--file") : ValueOption<string?>(name, "PATH",
    $"The token file of the gateway. [{Variable}, else ~/.config/kisfeed/gateway-tokens.json]")
{
    private const string Variable = "KISFEED_GATEWAY_TOKENS";

    /// <summary>Returns the file. It need not exist.</summary>
    public ConsumerFile Open(ParseResult arguments, CommandHost host) =>
        new(PathOf(arguments, host)
            ?? throw new CommandException(
                $"the token file cannot be found because there is no home folder: set its path with {Name} or {Variable}"));

    /// <summary>Whether the option or the variable names the file. The file in the home folder is only a default.</summary>
    public bool IsNamed(ParseResult arguments, CommandHost host) => (arguments.GetValue(this) ?? host.Variable(Variable)) is not null;

    public string? PathOf(ParseResult arguments, CommandHost host)
    {
        if ((arguments.GetValue(this) ?? host.Variable(Variable)) is { } path)
            return path.Length > 0 ? path : throw new CommandException($"{Name} is empty: give a path");
        return host.HomeFolder is { Length: > 0 } home ? ConsumerFile.DefaultPathIn(home) : null;
    }
}

/// <summary>The name of a consumer of the gateway.</summary>
internal sealed class ConsumerNameArgument : Argument<string>
{
    public ConsumerNameArgument(string description)
        : base("NAME")
    {
        Description = description;
        this.RefuseOptions();
    }

    public string Read(ParseResult arguments)
    {
        var name = arguments.GetRequiredValue(this);
        return ConsumerName.IsValid(name) ? name : throw new CommandException($"'{name}' is not a valid name. Use {ConsumerName.Format}");
    }
}
