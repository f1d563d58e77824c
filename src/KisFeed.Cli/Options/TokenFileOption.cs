using System.CommandLine;
using KisFeed.Cli.Hosting;
using KisFeed.Gateway;

namespace KisFeed.Cli.Options;

/// <summary>Where the gateway's token file is.</summary>
internal sealed class TokenFileOption : Option<string?>
{
    private const string Variable = "KISFEED_GATEWAY_TOKENS";

    public TokenFileOption(string name = "--file")
        : base(name)
    {
        Description = $"The file that says who may use the gateway. Default: {Variable}, else ~/.config/kisfeed/gateway-tokens.json.";
        HelpName = "PATH";
    }

    /// <summary>The file, which need not be there.</summary>
    /// <exception cref="CommandException">Nothing says where it is.</exception>
    public ConsumerFile Open(ParseResult arguments, CommandHost host) =>
        new(PathOf(arguments, host) ?? throw new CommandException($"there is no home folder to find the token file in: name it with {Name} or {Variable}"));

    /// <summary>Whether the option or the variable names the file. The file in the home folder is only a default.</summary>
    public bool IsNamed(ParseResult arguments, CommandHost host) => (arguments.GetValue(this) ?? host.Variable(Variable)) is not null;

    /// <summary>Where the file is to be; <see langword="null"/> where nothing says so.</summary>
    /// <exception cref="CommandException">The path is empty.</exception>
    public string? PathOf(ParseResult arguments, CommandHost host)
    {
        if ((arguments.GetValue(this) ?? host.Variable(Variable)) is { } path)
            return path.Length > 0 ? path : throw new CommandException($"{Name} is empty: name a file");
        return host.HomeFolder is { Length: > 0 } home ? ConsumerFile.DefaultPathIn(home) : null;
    }
}

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
