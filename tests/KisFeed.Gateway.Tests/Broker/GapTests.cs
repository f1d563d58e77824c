using System.Text;
using KisFeed.Capture;
using KisFeed.Feeds;
using KisFeed.Gateway.Tests.Streaming;
using KisFeed.Simulator;

namespace KisFeed.Gateway.Tests.Broker;

/// <summary>
/// A KisFeed client behind several gateways sees the same gaps as a direct client, in the same positions and
/// with the same frames between them.
/// </summary>
public sealed class GapTests(ITestOutputHelper report) : IDisposable
{
    private static int Drops => TestRun.Of(200);

    private static readonly (string TrId, string Key)[] s_keys =
        [(TestGateway.Index, "0001"), ("H0UNPGM0", "005930"), ("H0BJCNT0", "KR103502GA34")];

    private readonly DirectoryInfo _folder = Directory.CreateTempSubdirectory("kisfeed-gaps-");

    public void Dispose() => _folder.Delete(recursive: true);

    [Fact]
    [Trait(TestRun.Length, TestRun.Long)]
    public async Task Captures_and_streams_behind_two_gateways_have_the_gaps_of_the_first_gateway()
    {
        var seed = TestRun.Seed;
        try
        {
            await RunAsync(new Random(seed));
        }
        catch (Exception e)
        {
            throw new InvalidOperationException($"seed {seed}: {e.Message}", e);
        }
    }

    private async Task RunAsync(Random random)
    {
        await using var testGateway = await TestGateway.OpenAsync(
            new SimulatorOptions { Rate = 3_000, Seed = random.Next() },
            options => options with { Recording = RecordingTo("first gateway") },
            options => options with { Reconnect = TestGateway.ReconnectAtOnce });
        await using var second = await GatewayServer.StartAsync(
            new GatewayOptions { Upstream = OptionsFor(testGateway.Gateway), Recording = RecordingTo("second gateway") });
        await using var firstClient = await RecordingClient.OpenAsync(OptionsFor(testGateway.Gateway), RecordingTo("client of the first"));
        await using var secondClient = await RecordingClient.OpenAsync(OptionsFor(second), RecordingTo("client of the second"));
        await using var stream = await SseClient.OpenAsync(
            second, $"queue=65536&subscribe={string.Join(',', s_keys.Select(key => $"{key.TrId}:{key.Key}"))}");
        await using var typed = await KisFeedClient.ConnectAsync(OptionsFor(second));
        await using var program = await typed.SubscribeAsync(ProgramTrade.Consolidated, "005930");
        var end = new TaskCompletionSource<DateTimeOffset>(TaskCreationOptions.RunContinuationsAsynchronously);
        var streamed = Task.Run(() => GapsOfAsync(stream, end.Task));
        var subscribed = Task.Run(() => GapsOfAsync(program, end.Task));
        Func<CaptureRecorderStatus>[] recorders =
        [
            () => testGateway.Status.Recording!,
            () => second.Status.Recording!,
            () => firstClient.Recorder.Status,
            () => secondClient.Recorder.Status,
        ];
        await WaitForFramesAsync(recorders);

        for (var i = 0; i < Drops; i++)
        {
            var frames = testGateway.Status.Recording!.Received + random.Next(1, 15);
            await Patience.UntilAsync(() => testGateway.Status.Recording!.Received >= frames);
            var connections = testGateway.Simulator.Statistics.ConnectionsAccepted;
            testGateway.Simulator.DropConnections();
            await Patience.UntilAsync(() => testGateway.Simulator.Statistics.ConnectionsAccepted > connections);
        }

        await WaitForFramesAsync(recorders);
        await Patience.UntilAsync(() => recorders.Select(status => status().Gaps).Distinct().Count() == 1);
        end.SetResult(DateTimeOffset.UtcNow);
        var (ofStream, ofSubscription) = (await streamed, await subscribed);
        foreach (var recorder in new[] { firstClient.Recorder, secondClient.Recorder })
            await recorder.StopAsync();
        await second.StopAsync();
        await testGateway.Gateway.StopAsync();

        var truth = await ReadAsync("first gateway");
        foreach (var other in (string[])["second gateway", "client of the first", "client of the second"])
        {
            var seen = await ReadAsync(other);
            foreach (var key in s_keys)
                BetweenGaps(seen[key]).ShouldBe(BetweenGaps(truth[key]), $"{key} of the {other}");
        }

        foreach (var key in s_keys)
            ofStream.Where(gap => gap.Key == key).Select(gap => gap.Text).ShouldBe(truth[key].Where(IsGap), $"{key} of the stream");
        ofSubscription.ShouldBe(
            [.. ofStream.Where(gap => gap.Key == s_keys[1]).Select(gap => $"{gap.Text} {gap.MissedVolume}")],
            "missed volumes are equal too");
        ofSubscription.Count(text => !text.EndsWith(' ')).ShouldBeGreaterThan(0, "some gaps have a volume");
        report.WriteLine(
            $"{Drops} drops, {truth.Values.Sum(items => items.Count(IsGap))} gaps, {truth.Values.Sum(items => items.Count)} items");
    }

    private static bool IsGap(string item) => item.StartsWith("gap", StringComparison.Ordinal);

    // The recorders were started and stopped one after the other.
    private static List<string> BetweenGaps(List<string> items)
    {
        var first = items.FindIndex(item => item.StartsWith("interruption", StringComparison.Ordinal));
        return items[first..(items.FindLastIndex(IsGap) + 1)];
    }

    private static string Describe(DateTimeOffset? from, DateTimeOffset? to, GapReason reason, long? frames) =>
        $"gap {from?.UtcDateTime:O} {to?.UtcDateTime:O} {reason} {frames}";

    private static async Task WaitForFramesAsync(Func<CaptureRecorderStatus>[] recorders)
    {
        var required = recorders.Select(status => status().Received + 100).ToArray();
        await Patience.UntilAsync(() => recorders.Zip(required).All(pair => pair.First().Received >= pair.Second));
    }

    // Up to a record received after the end: a reader may be behind the recorders.
    private static async Task<List<((string TrId, string Key) Key, string Text, string MissedVolume)>> GapsOfAsync(
        SseClient stream, Task<DateTimeOffset> end)
    {
        List<((string, string), string, string)> gaps = [];
        while (await stream.NextAsync() is { } item)
        {
            if (item.IsRecord && end.IsCompleted && item.Json.GetProperty("receivedAt").GetDateTimeOffset() > await end)
                break;
            if (item.Kind != "gap")
                continue;
            var body = item.Body;
            gaps.Add((
                (body.GetProperty("trId").GetString()!, body.GetProperty("key").GetString()!),
                Describe(
                    body.GetProperty("from").GetDateTimeOffset(),
                    body.GetProperty("to").GetDateTimeOffset(),
                    Enum.Parse<GapReason>(body.GetProperty("reason").GetString()!, ignoreCase: true),
                    frames: null),
                body.GetProperty("missedVolume").ToString()));
        }

        return gaps;
    }

    private static async Task<List<string>> GapsOfAsync(Subscription<ProgramTrade> subscription, Task<DateTimeOffset> end)
    {
        List<string> gaps = [];
        await foreach (var item in subscription.ReadItemsAsync())
        {
            if (item.Event is Gap gap)
                gaps.Add($"{Describe(gap.From, gap.To, gap.Reason, gap.Frames)} {gap.MissedVolume}");
            if (item.IsRecord && end.IsCompleted && item.Record.ReceivedAt > await end)
                break;
        }

        return gaps;
    }

    private static KisFeedOptions OptionsFor(GatewayServer gateway) =>
        TestGateway.ClientOf(gateway.WebSocketUrl) with { Reconnect = TestGateway.ReconnectAtOnce };

    private CaptureRecorderOptions RecordingTo(string name) =>
        new() { Writer = new CaptureWriterOptions { Directory = Path.Combine(_folder.FullName, name) } };

    private async Task<Dictionary<(string TrId, string Key), List<string>>> ReadAsync(string name)
    {
        var items = s_keys.ToDictionary(key => key, _ => new List<string>());
        await foreach (var item in CaptureReader.Open(Path.Combine(_folder.FullName, name)).ReadItemsAsync())
        {
            item.Problem.ShouldBeNull();
            if (item.IsFrame)
            {
                var text = Encoding.UTF8.GetString(item.Frame.Bytes.Span);
                var parts = text.Split('|');
                items[(parts[1], parts[3].Split('^')[0])].Add(text);
            }
            else if (item.Event is { TrId: { } trId, Key: { } key } captureEvent
                && captureEvent.Kind is CaptureEventKind.Gap or CaptureEventKind.Interrupted)
            {
                items[(trId, key)].Add(captureEvent.Kind == CaptureEventKind.Gap
                    ? Describe(captureEvent.From, captureEvent.To, captureEvent.Reason!.Value, captureEvent.Frames)
                    : $"interruption {captureEvent.Reason}");
            }
        }

        return items;
    }

    private sealed class RecordingClient(KisFeedClient client, CaptureRecorder recorder) : IAsyncDisposable
    {
        public CaptureRecorder Recorder => recorder;

        public static async Task<RecordingClient> OpenAsync(KisFeedOptions options, CaptureRecorderOptions recording)
        {
            var client = await KisFeedClient.ConnectAsync(options);
            var recorder = CaptureRecorder.Start(client, recording);
            foreach (var (trId, key) in s_keys)
                await recorder.AddAsync(client.Catalog.Feeds.Single(feed => feed.TrId == trId), key);
            return new RecordingClient(client, recorder);
        }

        public async ValueTask DisposeAsync()
        {
            await recorder.DisposeAsync();
            await client.DisposeAsync();
        }
    }
}
