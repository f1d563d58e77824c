using KisFeed.Gateway;

namespace KisFeed.Cli.Gateways;

/// <summary>The limits of a gateway's consumers.</summary>
internal sealed class LimitOptions
{
    private readonly Option<int?> _registrations = CommonOptions.Count<int>("--max-registrations", "The maximum number of registrations of "
        + $"one consumer with a token, over all its connections. [{ConsumerLimits.Default.MaxRegistrations}]");
    private readonly Option<int?> _consumerConnections = CommonOptions.Count<int>(
        "--max-consumer-connections",
        $"The maximum number of connections of one consumer with a token, streams included. [{ConsumerLimits.Default.MaxConnections}]");
    private readonly Option<int?> _connections = CommonOptions.Count<int>("--max-connections", "The maximum number of connections of all "
        + $"consumers; one other machine may use a quarter of them. [{GatewayOptions.DefaultMaxConnections}]");

    private readonly Option<int?> _slots = CommonOptions.Count<int>("--max-slots", "The maximum number of keys that one consumer has "
        + "registered upstream. [all; while other consumers are connected, half of those not used by --keep]");

    public Option[] All => [_registrations, _consumerConnections, _connections, _slots];

    public GatewayOptions Apply(ParseResult arguments, GatewayOptions options) => options with
    {
        MaxConnections = arguments.GetValue(_connections) ?? options.MaxConnections,
        Limits = options.Limits with
        {
            MaxRegistrations = arguments.GetValue(_registrations) ?? options.Limits.MaxRegistrations,
            MaxConnections = arguments.GetValue(_consumerConnections) ?? options.Limits.MaxConnections,
            MaxSlots = arguments.GetValue(_slots) ?? options.Limits.MaxSlots,
        },
    };
}
