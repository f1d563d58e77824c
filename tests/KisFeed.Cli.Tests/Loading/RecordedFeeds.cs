using KisFeed.Capture;
using KisFeed.Gateway;
using KisFeed.Simulator;
using KisFeed.Wire;

namespace KisFeed.Cli.Tests.Loading;

/// <summary>
/// One key of every feed, recorded from a simulator in two ways: by a gateway with a consumer, and by the command. Both captures are
/// exported as CSV and loaded into PostgreSQL, that of the gateway with the broker's names.
/// </summary>
public sealed class RecordedFeeds(Postgres postgres) : IAsyncLifetime, IDisposable
{
    private const int FramesOfEachFeed = 20;

    private readonly RecordedCapture _byGateway = new("gateway", "kis");
    private readonly RecordedCapture _byCommand = new("command", "english");
    private readonly HashSet<string> _consumed = new(StringComparer.Ordinal);

    /// <summary>The frames that the consumer of the gateway received.</summary>
    public IReadOnlyCollection<string> Consumed => _consumed;

    internal RecordedCapture ByGateway => _byGateway;

    internal RecordedCapture ByCommand => _byCommand;

    private static IEnumerable<(FeedSchema Feed, string Key)> Targets =>
        KisFeeds.Catalog.Feeds.Select(feed => (feed, feed.IsNotice ? Service.HtsId : feed.KeyExample));

    public async ValueTask InitializeAsync()
    {
        await Task.WhenAll(RecordByGatewayAsync(), RecordByCommandAsync());
        foreach (var capture in (RecordedCapture[])[_byGateway, _byCommand])
            await capture.LoadAsync(postgres);
    }

    public ValueTask DisposeAsync() => ValueTask.CompletedTask;

    public void Dispose()
    {
        _byGateway.Dispose();
        _byCommand.Dispose();
    }

    private async Task RecordByGatewayAsync()
    {
        await using var simulator = await SimulatorServer.StartAsync(new SimulatorOptions { Rate = 5_000 });
        await using var gateway = await GatewayServer.StartAsync(new GatewayOptions
        {
            Upstream = OptionsFor(simulator.WebSocketUrl),
            Recording = new CaptureRecorderOptions
            {
                Writer = new CaptureWriterOptions { Directory = _byGateway.Path, FlushToDisk = false },
                Notices = true,
            },
        });
        await using (var client = await KisFeedClient.ConnectAsync(OptionsFor(gateway.WebSocketUrl)))
        {
            await using var tap = client.OpenTap();
            await Task.WhenAll(Targets.Select(target => tap.AddAsync(target.Feed, target.Key)));
            using var deadline = new CancellationTokenSource(Patience.Limit);
            var missing = Targets.ToDictionary(target => target.Feed.TrId, _ => FramesOfEachFeed, StringComparer.Ordinal);
            await foreach (var frame in tap.ReadFramesAsync(deadline.Token))
            {
                var text = Encoding.UTF8.GetString(frame.Bytes.Span);
                _consumed.Add(text);
                var trId = text.Split('|')[1];
                if (missing.TryGetValue(trId, out var more) && more > 1)
                    missing[trId] = more - 1;
                else
                    missing.Remove(trId);
                if (missing.Count == 0)
                    break;
            }
        }

        await gateway.StopAsync();
    }

    private async Task RecordByCommandAsync()
    {
        await using var service = await Service.StartAsync();
        var variables = service.Variables;
        variables["KISFEED_APPKEY_2"] = "SIMULATORAPPKEY000000000000000000002";
        variables["KISFEED_APPSECRET_2"] = Service.AppSecret;
        foreach (var environment in (string[])["prod", "mock"])
        {
            var targets = Targets.Where(target => environment == "mock" == target.Feed.IsMockOnly)
                .Select(target => $"{target.Feed.TrId}:{target.Key}")
                .ToArray();
            await using var record = RunningCommand.Start(
                variables,
                ["record", .. targets, "--env", environment, "--notices", "--dir", _byCommand.Path, "--flush", "20ms", "--format", "json"]);
            await record.WaitForOutputAsync(output => IsEnough(output, targets.Length));
            var run = await record.InterruptAsync();
            run.ExitCode.ShouldBe(ExitCode.Success, run.Error);
        }
    }

    // Whether enough frames were received since all keys were registered.
    private static bool IsEnough(string output, int keys)
    {
        var registered = output[..(output.LastIndexOf('\n') + 1)]
            .Split('\n', StringSplitOptions.RemoveEmptyEntries)
            .Select(line => JsonSerializer.Deserialize<JsonElement>(line))
            .Where(progress =>
                progress.GetProperty("sessions").EnumerateArray().Sum(session => session.GetProperty("confirmed").GetInt32()) == keys)
            .Select(progress => progress.GetProperty("received").GetInt64())
            .ToArray();
        return registered.Length > 0 && registered[^1] - registered[0] >= keys * FramesOfEachFeed;
    }

    // A session has 41 slots, so there are two. Order notices belong to the one with the HTS ID.
    private static KisFeedOptions OptionsFor(Uri url) => new()
    {
        AppKey = TestCredentials.NewAppKey(),
        AppSecret = TestCredentials.AppSecret,
        HtsId = Service.HtsId,
        AdditionalAppKeys = [new AppCredentials { AppKey = TestCredentials.NewAppKey(), AppSecret = TestCredentials.AppSecret }],
        Environment = KisEnvironment.Simulator,
        WebSocketUrl = url,
        RequestInterval = TimeSpan.Zero,
    };
}
