using System.Globalization;
using KisFeed.Gateway.Tests.Streaming;

namespace KisFeed.Gateway.Tests.Broker;

/// <summary>
/// TCP keep-alive detects dead peers. The hostile tests check that their connections end, which takes a minute without network.
/// </summary>
public sealed class DeadPeerTests
{
    [Fact]
    public async Task TCP_probes_an_idle_connection()
    {
        if (!OperatingSystem.IsLinux())
            return; // Reads the kernel's table of connections.
        await using var testGateway = await TestGateway.OpenAsync(
            with: options => options with { HeartbeatInterval = Timeout.InfiniteTimeSpan });
        await using var client = await RawClient.ConnectAsync(testGateway.Url);

        // The timer of an idle connection is the keep-alive timer.
        await Patience.UntilAsync(() => TimersOf(testGateway.Gateway.Port).SequenceEqual(["02"], StringComparer.Ordinal));
    }

    [Fact]
    public async Task TCP_probes_an_idle_stream()
    {
        if (!OperatingSystem.IsLinux())
            return; // Reads the kernel's table of connections.
        await using var testGateway = await TestGateway.OpenAsync(
            with: options => options with { StreamHeartbeat = TimeSpan.FromDays(1) }, isDown: true);
        await using (await SseClient.OpenAsync(testGateway.Gateway, "subscribe=index:0001"))
            await Patience.UntilAsync(() => TimersOf(testGateway.Gateway.Port).SequenceEqual(["02"], StringComparer.Ordinal));

        await Patience.UntilAsync(() => !TimersOf(testGateway.Gateway.Port).Any());
        await using var socket = await SocketClient.OpenAsync(testGateway.Gateway, "");
        await Patience.UntilAsync(() => TimersOf(testGateway.Gateway.Port).SequenceEqual(["02"], StringComparer.Ordinal));
    }

    // sl local_address rem_address st tx_queue:rx_queue tr:tm->when …, with addresses as hex and state 01 for established.
    private static IEnumerable<string> TimersOf(int port) =>
        File.ReadLines("/proc/net/tcp").Skip(1)
            .Select(line => line.Split(' ', StringSplitOptions.RemoveEmptyEntries))
            .Where(fields => fields[3] == "01"
                && int.Parse(fields[1].Split(':')[1], NumberStyles.HexNumber, CultureInfo.InvariantCulture) == port)
            .Select(fields => fields[5].Split(':')[0]);
}
