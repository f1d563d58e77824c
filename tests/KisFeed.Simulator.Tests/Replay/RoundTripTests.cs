using KisFeed.Capture;
using KisFeed.Simulator.Replay;

namespace KisFeed.Simulator.Tests.Replay;

/// <summary>
/// A replayed and re-recorded capture has the same bytes in the same order, over real sockets and with the client of the library.
/// </summary>
public sealed class RoundTripTests(ITestOutputHelper output)
{
    private const int Count = 3_000;
    private const string HtsId = "MyHtsId";

    private static readonly (string TrId, string Key)[] s_keys =
    [
        ("H0IFCNI0", HtsId), ("H0UPCNT0", "0001"), ("H0UPCNT0", "1001"), ("H0UPCNT0", "2001"), ("H0BJCNT0", "KR103502GA34"),
        ("H0NXPGM0", "005930"), ("H0UNPGM0", "005930"), ("H0NXPGM0", "000660"), ("H0UNPGM0", "000660"),
    ];

    [Theory]
    [InlineData(HtsId)]
    [InlineData("SomebodyElse")]
    public async Task Frames_and_notices_are_replayed_unchanged(string htsId)
    {
        using var folder = new CaptureFolder();
        var recorded = await RecordAsync(folder, TestRun.Seed);
        var options = new ReplayOptions { Capture = CaptureReader.Open(folder.Path), Speed = ReplaySpeed.Unlimited, Wait = s_keys.Length };
        await using var server = await ReplayServer.StartAsync(options);
        await using var client = await Clients.ConnectAsync(server.WebSocketUrl);
        await using var tap = client.OpenTap();
        await Clients.AddAsync(client, tap, s_keys.Select(key => key.Key == HtsId ? (key.TrId, htsId) : key));

        var replayed = await Clients.FramesAsync(tap, recorded.Count);

        Texts(replayed).ShouldBe(Texts(recorded));
        replayed.Count(frame => frame.TrId == "H0IFCNI0").ShouldBeGreaterThan(0);
        replayed.Select(frame => frame.Shape.Count).ShouldContain(count => count > 1);
        await server.Ended.WaitAsync(Patience.Limit);
        server.Statistics.FramesPlayed.ShouldBe(recorded.Count);
        server.Statistics.FramesSent.ShouldBe(recorded.Count);
        server.Statistics.Problems.ShouldBe(0);
        server.Statistics.UnclaimedNotices.ShouldBe(0);
    }

    [Fact]
    public async Task A_client_of_some_keys_receives_their_records_in_order()
    {
        using var folder = new CaptureFolder();
        var recorded = await RecordAsync(folder, TestRun.Seed);
        var options = new ReplayOptions { Capture = CaptureReader.Open(folder.Path), Speed = ReplaySpeed.Unlimited, Wait = 2 };
        await using var server = await ReplayServer.StartAsync(options);
        await using var client = await Clients.ConnectAsync(server.WebSocketUrl);
        await using var tap = client.OpenTap();
        await Clients.AddAsync(client, tap, [("H0UPCNT0", "1001"), ("H0NXPGM0", "000660")]);
        var expected = Records(recorded)
            .Where(record => record.StartsWith("H0UPCNT0 1001^", StringComparison.Ordinal)
                || record.StartsWith("H0NXPGM0 000660^", StringComparison.Ordinal))
            .ToList();
        expected.Count.ShouldBeGreaterThan(100);

        var replayed = await Clients.FramesAsync(
            tap, recorded.Count(frame => frame.TrId is "H0UPCNT0" or "H0NXPGM0" && Records([frame]).Any(expected.Contains)));

        Records(replayed).ShouldBe(expected);
    }

    private static List<string> Texts(IEnumerable<FrameItem> frames) =>
        [.. frames.Select(frame => Encoding.UTF8.GetString(frame.Frame.Bytes.Span))];

    // The records of plain frames, each after its TR ID.
    private static List<string> Records(IEnumerable<FrameItem> frames)
    {
        List<string> records = [];
        foreach (var frame in frames)
        {
            var fields = Encoding.UTF8.GetString(frame.Frame.Bytes.Span).Split('|', 4)[3].Split('^');
            records.AddRange(fields.Chunk(frame.Shape.Width).Select(record => $"{frame.TrId} {string.Join('^', record)}"));
        }

        return records;
    }

    private async Task<List<FrameItem>> RecordAsync(CaptureFolder folder, int seed)
    {
        output.WriteLine($"seed {seed}");
        await using var simulator = await SimulatorServer.StartAsync(new SimulatorOptions { Seed = seed, Rate = double.PositiveInfinity });
        await using var client = await Clients.ConnectAsync(simulator.WebSocketUrl);
        await using var tap = client.OpenTap();

        // Starts when all keys are registered: on a busy machine the first key alone could fill the capture.
        var adding = new TaskCompletionSource();
        var reading = Clients.FramesAsync(tap, Count, adding.Task);
        await Clients.AddAsync(client, tap, s_keys);
        adding.SetResult();
        var frames = await reading;
        using var writer = folder.Write();
        writer.Write(
            new CaptureEvent { Kind = CaptureEventKind.Registered, At = frames[0].Frame.ReceivedAt, TrId = "H0IFCNI0", Key = HtsId });
        foreach (var frame in frames)
            writer.Write(frame.TrId!, frame.Frame.Bytes.Span, frame.Frame.ReceivedAt);
        writer.Close();
        return frames;
    }
}
