using System.CommandLine;
using System.Globalization;
using KisFeed.Gateway;

namespace KisFeed.Cli.Gateways;

/// <summary>How much of a gateway its consumers may use.</summary>
internal sealed class LimitOptions
{
    private readonly Option<int?> _registrations = Count("--max-registrations", "Registrations of one consumer with a token, over all its connections. Fewer than there are upstream leave others some. Default: 400.");
    private readonly Option<int?> _consumerConnections = Count("--max-consumer-connections", "Connections of one consumer with a token, streams included. Default: 32.");
    private readonly Option<int?> _connections = Count("--max-connections", "Connections of all together; one other machine gets a quarter of them. Default: 4000.");

    private readonly Option<int?> _places = Count("--max-places", "Keys that one consumer may have registered upstream. Default: all, and while other consumers are connected half of those that --keep leaves.");

    /// <summary>Gives a verb these options.</summary>
    public void AddTo(Command command)
    {
        command.Add(_registrations);
        command.Add(_consumerConnections);
        command.Add(_connections);
        command.Add(_places);
    }

    /// <summary>The options of a gateway with what was said.</summary>
    public GatewayOptions Apply(ParseResult arguments, GatewayOptions options) => options with
    {
        MaxConnections = arguments.GetValue(_connections) ?? options.MaxConnections,
        Limits = options.Limits with
        {
            MaxRegistrations = arguments.GetValue(_registrations) ?? options.Limits.MaxRegistrations,
            MaxConnections = arguments.GetValue(_consumerConnections) ?? options.Limits.MaxConnections,
            MaxPlaces = arguments.GetValue(_places) ?? options.Limits.MaxPlaces,
        },
    };

    private static Option<int?> Count(string name, string description)
    {
        var option = new Option<int?>(name) { Description = description, HelpName = "N" };
        option.CustomParser = result =>
        {
            if (int.TryParse(result.Tokens[0].Value, NumberStyles.None, CultureInfo.InvariantCulture, out var count) && count > 0)
                return count;
            result.AddError($"'{result.Tokens[0].Value}' is no count: a whole number above 0 is expected for {name}.");
            return null;
        };
        return option;
    }
}
