using KisFeed.Gateway;

namespace KisFeed.Cli.Gateways;

/// <summary>The limits of a gateway's consumers.</summary>
internal sealed class LimitOptions
{
    private readonly Option<int?> _registrations = CommonOptions.Count<int>("--max-registrations", UiText.Of(
        "The maximum number of registrations of one consumer with a token, over all its connections. "
            + $"[{ConsumerLimits.Default.MaxRegistrations}]",
        $"토큰이 있는 소비자 하나의 최대 등록 수, 모든 연결을 합쳐서. [{ConsumerLimits.Default.MaxRegistrations}]"));
    private readonly Option<int?> _consumerConnections = CommonOptions.Count<int>(
        "--max-consumer-connections",
        UiText.Of(
            $"The maximum number of connections of one consumer with a token, streams included. [{ConsumerLimits.Default.MaxConnections}]",
            $"토큰이 있는 소비자 하나의 최대 연결 수, 스트림 포함. [{ConsumerLimits.Default.MaxConnections}]"));
    private readonly Option<int?> _connections = CommonOptions.Count<int>("--max-connections", UiText.Of(
        "The maximum number of connections of all consumers; one other machine may use a quarter of them. "
            + $"[{GatewayOptions.DefaultMaxConnections}]",
        $"모든 소비자의 최대 연결 수. 다른 컴퓨터 하나가 그 4분의 1까지 쓸 수 있습니다. [{GatewayOptions.DefaultMaxConnections}]"));

    private readonly Option<int?> _slots = CommonOptions.Count<int>("--max-slots", UiText.Of(
        "The maximum number of keys that one consumer has registered upstream. [all; while other consumers are connected, half of those "
            + "not used by --keep]",
        "소비자 하나가 증권사에 등록할 수 있는 최대 키 수. [전부. 다른 소비자가 접속해 있으면 --keep에 쓰지 않은 자리의 절반]"));

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
