using System.Net;
using System.Net.Sockets;

namespace KisFeed.Cli.Diagnosis;

/// <summary>Checks that the host names of the service can be resolved and their ports reached.</summary>
internal sealed class NetworkCheck() : Check("network", isRequired: true)
{
    private static readonly TimeSpan s_timeout = TimeSpan.FromSeconds(10);

    public override async Task<IReadOnlyList<Finding>> RunAsync(DoctorContext context, CancellationToken cancellationToken)
    {
        var addresses = ServiceAddresses.Of(context.Options);
        var findings = new List<Finding>();
        foreach (var place in new[] { (What: "REST", Address: addresses.Rest), (What: "WebSocket", Address: addresses.WebSocket) }
            .GroupBy(p => (p.Address.Host, p.Address.Port)))
        {
            var what = string.Join(" and ", place.Select(p => p.What));
            findings.Add(await ReachAsync(context, what, place.First().Address, cancellationToken));
        }

        return findings;
    }

    private async Task<Finding> ReachAsync(DoctorContext context, string what, Uri address, CancellationToken cancellationToken)
    {
        // A configured proxy resolves the name, so only the proxy must be reachable.
        var proxy = HttpClient.DefaultProxy.GetProxy(address);
        var (host, port) = proxy is null ? (address.IdnHost, address.Port) : (proxy.IdnHost, proxy.Port);
        var name =
            $"{what}, {host} port {port.ToString(CultureInfo.InvariantCulture)}{(proxy is null ? "" : $", the proxy for {address.Host}")}";
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
            return Ok($"{name}: reached {(reached.IsIPv4MappedToIPv6 ? reached.MapToIPv4() : reached)} in {milliseconds:0} ms");
        }
        catch (SocketException e)
        {
            return Failed(
                $"{name}: {(isResolved ? "cannot be reached" : "the name cannot be resolved")}: {e.Message}",
                isResolved
                    ? AdviceOn(e.SocketErrorCode)
                    : "Check the network, its name server, and the spelling of the address (--url, --rest, KISFEED_URL, KISFEED_REST).",
                ExitCode.ConnectionLost);
        }
        catch (OperationCanceledException) when (!cancellationToken.IsCancellationRequested)
        {
            return Failed(
                $"{name}: {(isResolved ? "no answer" : "the name server gave no answer")} within {s_timeout.TotalSeconds:0} s",
                AdviceOn(SocketError.TimedOut),
                ExitCode.ConnectionLost);
        }
    }

    private static string AdviceOn(SocketError error) => error switch
    {
        SocketError.ConnectionRefused =>
            "Nothing listens there: check host and port (--url, --rest), and that the service runs. 'kisfeed simulate' starts a simulator.",
        SocketError.TimedOut =>
            "A firewall may block the connection: the broker's ports are 9443 and 21000, on mock 29443 and 31000, outbound.",
        _ => "Check the network: cable, Wi-Fi, VPN, firewall.",
    };
}
