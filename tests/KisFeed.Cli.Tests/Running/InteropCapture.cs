using KisFeed.Capture;
using KisFeed.Capture.Tests;
using KisFeed.Simulator;
using Captured = KisFeed.Capture.Tests.Ticks;

namespace KisFeed.Cli.Tests.Running;

/// <summary>
/// A capture of more than a minute of all registrations of the Python client of tests/interop, recorded from a simulator.
/// </summary>
internal static class InteropCapture
{
    // 500 records per second, like the simulator of the live test; longer than the client's timeout.
    private const int Records = 45_000;
    private static readonly TimeSpan s_recordTime = TimeSpan.FromMilliseconds(2);

    private static readonly string[] s_stocks =
    [
        "005930", "000660", "373220", "207940", "005380", "068270", "000270", "105560", "035420", "005490", "055550", "012330", "051910",
        "028260", "006400", "086790", "035720", "032830",
    ];

    private static readonly (string TrId, string Key)[] s_keys =
    [
        .. new[] { "MyHts01", "anna01", "BORIS2", "limit41", "twice01" }.Select(htsId => ("H0IFCNI0", htsId)),
        ("H0UPCNT0", "0001"), ("H0UPCNT0", "1001"), ("H0UPCNT0", "2001"), ("H0BJCNT0", "KR103502GA34"),
        ("H0NXPGM0", "003550"),
        .. s_stocks.SelectMany(stock => new[] { ("H0NXPGM0", stock), ("H0UNPGM0", stock) }),
    ];

    public static async Task RecordAsync(CaptureFolder folder)
    {
        await using var simulator = await SimulatorServer.StartAsync(
            new SimulatorOptions { Rate = double.PositiveInfinity, MaxRegistrations = s_keys.Length });
        await using var client = await KisFeedClient.ConnectAsync(new KisFeedOptions
        {
            AppKey = Service.AppKey,
            AppSecret = Service.AppSecret,
            WebSocketUrl = simulator.WebSocketUrl,
            RequestInterval = TimeSpan.Zero,
            Reconnect = ReconnectPolicy.Never,
            MaxRegistrations = s_keys.Length,
        });
        await using var tap = client.OpenTap();
        using var writer = folder.Write();
        var subscriptionsAdded = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        var writing = Task.Run(() => WriteAsync(tap, writer, subscriptionsAdded.Task));
        foreach (var (trId, key) in s_keys)
        {
            client.Catalog.TryFind(trId, out var feed).ShouldBeTrue();
            await tap.AddAsync(feed, key);
        }

        subscriptionsAdded.SetResult();
        await writing;
        writer.Close();
    }

    // Starts once every key has data, and stretches the intervals between frames to those of a realistic rate.
    private static async Task WriteAsync(FrameTap tap, CaptureWriter writer, Task subscriptionsAdded)
    {
        using var patience = new CancellationTokenSource(Patience.Limit);
        var records = 0;
        await foreach (var item in tap.ReadAllAsync(patience.Token))
        {
            var at = Captured.Opening + (records * s_recordTime);
            item.Event.ShouldNotBeOfType<Gap>(string.Create(CultureInfo.InvariantCulture, $"after {records} records"));
            if (item.Event is RegistrationConfirmed)
                writer.Write(new CaptureEvent { Kind = CaptureEventKind.Registered, At = at, TrId = item.TrId, Key = item.Key });
            if (!item.IsFrame || !subscriptionsAdded.IsCompleted)
                continue;
            writer.Write(item.TrId!, item.Frame.Bytes.Span, at);
            records += item.Shape.Count;
            if (records >= Records)
                return;
        }
    }
}
