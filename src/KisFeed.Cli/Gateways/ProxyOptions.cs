using System.Net;
using KisFeed.Gateway;

namespace KisFeed.Cli.Gateways;

/// <summary>The options for reverse proxies in front of a gateway and for its health port.</summary>
internal sealed class ProxyOptions
{
    private readonly ValueOption<IPNetwork[]> _proxies = new("--trusted-proxy", "CIDR",
        UiText.Of(
            "Trust reverse proxies at this address or network to report the addresses of their clients (X-Forwarded-For), to which "
                + "limits apply. May be repeated.",
            "이 주소나 네트워크의 리버스 프록시가 알려 주는 클라이언트 주소(X-Forwarded-For)를 믿고 그 주소에 한도를 적용. 여러 번 쓸 수 있습니다."))
    { CustomParser = Parse };

    private readonly SwitchOption _protocol = new("--proxy-protocol",
        UiText.Of(
            "--trusted-proxy: each connection starts with a header of the PROXY protocol, version 1 or 2.",
            "--trusted-proxy: 모든 연결이 PROXY 프로토콜(버전 1, 2) 헤더로 시작함."));
    private readonly Option<int?> _port = ListenOptions.Port(
        "--health-port",
        UiText.Of(
            "Serve /healthz, /readyz and /metrics on this port too, without TLS and outside the connection limits; 0 uses a free port.",
            "/healthz, /readyz, /metrics를 이 포트에서도 제공. TLS를 쓰지 않고 연결 한도에 들어가지 않습니다. 0이면 빈 포트를 씁니다."));

    private readonly Option<string> _address = ListenOptions.Address("--health-address", UiText.Of(
        "--health-port: the IP address to listen on.",
        "--health-port: 접속을 받을 IP 주소."));

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
                result.AddError(UiText.Of(
                    $"'{text}' is not a valid network for --trusted-proxy. Use an IP address or a network whose other bits are zero, "
                        + "e.g. 10.0.0.7 or 10.0.0.0/24.",
                    $"'{text}': --trusted-proxy에 쓸 수 있는 네트워크가 아닙니다. IP 주소(10.0.0.7), 또는 나머지 비트가 0인 네트워크(10.0.0.0/24)를 쓰세요."));
            }
        }

        return [.. networks];
    }
}
