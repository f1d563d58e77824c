using System.Net;
using System.Net.Sockets;

namespace KisFeed.Cli.Diagnosis;

/// <summary>Checks that the host names of the service can be resolved and their ports reached.</summary>
internal sealed class NetworkCheck() : Check(UiText.Of("network", "네트워크"), isRequired: true)
{
    private static readonly TimeSpan s_timeout = TimeSpan.FromSeconds(10);

    public override async Task<IReadOnlyList<Finding>> RunAsync(DoctorContext context, CancellationToken cancellationToken)
    {
        var addresses = ServiceAddresses.Of(context.Options);
        var findings = new List<Finding>();
        foreach (var place in new[] { (What: "REST", Address: addresses.Rest), (What: "WebSocket", Address: addresses.WebSocket) }
            .GroupBy(p => (p.Address.Host, p.Address.Port)))
        {
            var what = string.Join(UiText.Of(" and ", ", "), place.Select(p => p.What));
            findings.Add(await ReachAsync(context, what, place.First().Address, cancellationToken));
        }

        return findings;
    }

    private async Task<Finding> ReachAsync(DoctorContext context, string what, Uri address, CancellationToken cancellationToken)
    {
        // A configured proxy resolves the name, so only the proxy must be reachable.
        var proxy = HttpClient.DefaultProxy.GetProxy(address);
        var (host, port) = proxy is null ? (address.IdnHost, address.Port) : (proxy.IdnHost, proxy.Port);
        var name = UiText.Of(
            $"{what}, {host} port {port.ToString(CultureInfo.InvariantCulture)}{(proxy is null ? "" : $", the proxy for {address.Host}")}",
            $"{what}, {host}의 {port.ToString(CultureInfo.InvariantCulture)} 포트{(proxy is null ? "" : $"({address.Host}의 프록시)")}");
        var start = context.Host.Time.GetTimestamp();
        using var timeout = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken);
        timeout.CancelAfter(s_timeout);
        var isResolved = false;
        try
        {
            var found = await Dns.GetHostAddressesAsync(host, timeout.Token);
            isResolved = true;
            using var socket = new TcpClient();
            await socket.ConnectAsync(found, port, timeout.Token);
            var reached = ((IPEndPoint)socket.Client.RemoteEndPoint!).Address;
            var milliseconds = context.Host.Time.GetElapsedTime(start).TotalMilliseconds;
            return Ok(UiText.Of(
                $"{name}: reached {(reached.IsIPv4MappedToIPv6 ? reached.MapToIPv4() : reached)} in {milliseconds:0} ms",
                $"{name}: {(reached.IsIPv4MappedToIPv6 ? reached.MapToIPv4() : reached)} 접속({milliseconds:0} ms)"));
        }
        catch (SocketException e)
        {
            return Failed(
                UiText.Of(
                    $"{name}: {(isResolved ? "cannot be reached" : "the name cannot be resolved")}: {e.Message}",
                    $"{name}: {(isResolved ? "접속할 수 없음" : "이름을 찾을 수 없음")}: {e.Message}"),
                isResolved
                    ? AdviceOn(e.SocketErrorCode)
                    : UiText.Of(
                        "Check the network, its name server, and the spelling of the address (--url, --rest, KISFEED_URL, KISFEED_REST).",
                        "네트워크와 DNS 서버, 주소의 철자를 확인하세요(--url, --rest, KISFEED_URL, KISFEED_REST)."),
                ExitCode.ConnectionLost);
        }
        catch (OperationCanceledException) when (!cancellationToken.IsCancellationRequested)
        {
            return Failed(
                UiText.Of(
                    $"{name}: {(isResolved ? "no answer" : "the name server gave no answer")} within {s_timeout.TotalSeconds:0} s",
                    $"{name}: {s_timeout.TotalSeconds:0}초 안에 {(isResolved ? "응답하지 않음" : "DNS 서버가 응답하지 않음")}"),
                AdviceOn(SocketError.TimedOut),
                ExitCode.ConnectionLost);
        }
    }

    private static string AdviceOn(SocketError error) => error switch
    {
        SocketError.ConnectionRefused =>
            UiText.Of(
                "Nothing listens there: check host and port (--url, --rest), and that the service runs. 'kisfeed simulate' starts a "
                    + "simulator.",
                "그 포트에서 접속을 받는 것이 없습니다. 호스트와 포트(--url, --rest), 서비스가 실행 중인지 확인하세요. 시뮬레이터는 'kisfeed simulate'로 시작합니다."),
        SocketError.TimedOut =>
            UiText.Of(
                "A firewall may block the connection: the broker's ports are 9443 and 21000, on mock 29443 and 31000, outbound.",
                "방화벽이 막고 있을 수 있습니다. 증권사의 포트는 9443과 21000, 모의투자는 29443과 31000이며 나가는 방향입니다."),
        _ => UiText.Of("Check the network: cable, Wi-Fi, VPN, firewall.", "네트워크(케이블, Wi-Fi, VPN, 방화벽)를 확인하세요."),
    };
}
