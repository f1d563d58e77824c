using System.Net;
using KisFeed.Gateway;

namespace KisFeed.Cli.Gateways;

/// <summary>The options for reverse proxies in front of a gateway and for its health port.</summary>
internal sealed class ProxyOptions
{
    private readonly ValueOption<IPNetwork[]> _proxies = new("--trusted-proxy", "CIDR",
        "Trust reverse proxies at this address or network to report the addresses of their clients (X-Forwarded-For), to which limits "
            + "apply. May be repeated.")
    { CustomParser = Parse };

    private readonly SwitchOption _protocol = new("--proxy-protocol",
        "--trusted-proxy: each connection starts with a header of the PROXY protocol, version 1 or 2.");
    private readonly Option<int?> _port = ListenOptions.Port(
        "--health-port",
        "Serve /healthz, /readyz and /metrics on this port too, without TLS and outside the connection limits; 0 uses a free port.");

    private readonly Option<string> _address = ListenOptions.Address("--health-address", "--health-port: the IP address to listen on.");

    public Option[] All => [_proxies, _protocol, _port, _address];

    public void Validate(Command command)
    {
        command.Require([_protocol], [_proxies]);
        command.Require([_address], [_port]);
    }

    public GatewayOptions Apply(ParseResult arguments, GatewayOptions options) => options with
    {
        TrustedProxies = arguments.GetValue(_proxies) ?? [],
        ProxyProtocol = arguments.GetValue(_protocol),
        HealthPort = arguments.GetValue(_port),
        HealthAddress = arguments.GetRequiredValue(_address),
    };

    // A single address is a network with one host.
    private static IPNetwork[] Parse(System.CommandLine.Parsing.ArgumentResult result)
    {
        var networks = new List<IPNetwork>();
        foreach (var text in result.Tokens.Select(token => token.Value))
        {
            if (IPNetwork.TryParse(text, out var network))
            {
                networks.Add(network);
            }
            else if (IPAddress.TryParse(text, out var address))
            {
                networks.Add(new IPNetwork(address, address.GetAddressBytes().Length * 8));
            }
            else
            {
                result.AddError($"'{text}' is not a valid network for --trusted-proxy. Use an IP address or a network whose other bits are "
                    + "zero, e.g. 10.0.0.7 or 10.0.0.0/24.");
            }
        }

        return [.. networks];
    }
}
