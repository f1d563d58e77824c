using System.Globalization;
using KisFeed.Gateway.Tests.Web.Streaming;

namespace KisFeed.Gateway.Tests.Broker;

/// <summary>Peers that vanish are found by TCP. That it does end their connections is seen in the hostile tests, since the network has to be cut for a minute.</summary>
public sealed class DeadPeerTests
{
    [Fact]
    public async Task TCP_probes_an_idle_connection()
    {
        if (!OperatingSystem.IsLinux())
            return; // The kernel's table of connections is read here.
        await using var stage = await Stage.OpenAsync(with: options => options with { HeartbeatInterval = Timeout.InfiniteTimeSpan });
        await using var client = await RawClient.ConnectAsync(stage.Url);

        // The timer of an idle connection is the one that sends a probe.
        await Patience.UntilAsync(() => TimersOf(stage.Gateway.Port).SequenceEqual(["02"], StringComparer.Ordinal));
    }

    [Fact]
    public async Task TCP_probes_an_idle_stream()
    {
        if (!OperatingSystem.IsLinux())
            return; // As above.
        await using var stage = await Stage.OpenAsync(with: options => options with { StreamHeartbeat = TimeSpan.FromDays(1) }, isDown: true);
        await using (await SseClient.OpenAsync(stage.Gateway, "subscribe=index:0001"))
            await Patience.UntilAsync(() => TimersOf(stage.Gateway.Port).SequenceEqual(["02"], StringComparer.Ordinal));

        await Patience.UntilAsync(() => !TimersOf(stage.Gateway.Port).Any());
        await using var socket = await SocketClient.OpenAsync(stage.Gateway, "");
        await Patience.UntilAsync(() => TimersOf(stage.Gateway.Port).SequenceEqual(["02"], StringComparer.Ordinal));
    }

    // sl local_address rem_address st tx_queue:rx_queue tr:tm->when …, with addresses as hex and state 01 for established.
    private static IEnumerable<string> TimersOf(int port) =>
        File.ReadLines("/proc/net/tcp").Skip(1)
            .Select(line => line.Split(' ', StringSplitOptions.RemoveEmptyEntries))
            .Where(fields => fields[3] == "01" && int.Parse(fields[1].Split(':')[1], NumberStyles.HexNumber, CultureInfo.InvariantCulture) == port)
            .Select(fields => fields[5].Split(':')[0]);
}
