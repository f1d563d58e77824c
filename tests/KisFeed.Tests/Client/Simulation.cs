using KisFeed.Simulator;

namespace KisFeed.Tests.Client;

/// <summary>Starts simulators on free ports, with options that connect to them.</summary>
internal static class Simulation
{
    public const string AppKey = "PSabcdefghijklmnopqrstuvwxyz01234567";
    public const string AppSecret = "c2VjcmV0c2VjcmV0c2VjcmV0c2VjcmV0c2VjcmV0c2VjcmV0c2VjcmV0c2VjcmV0c2VjcmV0c2VjcmV0c2VjcmV0c2VjcmV0c2Vjcm"
        + "V0c2VjcmV0c2VjcmV0c2VjcmV0c2VjcmV0c2VjcmV0c2VjcmV0c2VjcmV0";

    public static AppCredentials Credentials { get; } = new() { AppKey = AppKey, AppSecret = AppSecret };

    /// <summary>Short delays: the tests check that delays are kept, not how long they are.</summary>
    public static ReconnectPolicy QuickReconnect { get; } = new()
    {
        InitialDelay = TimeSpan.FromMilliseconds(20),
        AppKeyInUseDelay = TimeSpan.FromMilliseconds(20),
        MaxDelay = TimeSpan.FromMilliseconds(100),
        AttemptsPerMinute = 1000,
        AttemptsPerHour = 10_000,
    };

    public static Task<SimulatorServer> StartAsync(double rate = 500, SimulatorOptions? options = null) =>
        SimulatorServer.StartAsync((options ?? new SimulatorOptions()) with { Port = 0, Rate = rate });

    public static KisFeedOptions OptionsFor(SimulatorServer server) => new()
    {
        AppKey = AppKey,
        AppSecret = AppSecret,
        WebSocketUrl = server.WebSocketUrl,
        RequestInterval = TimeSpan.Zero,
        Reconnect = ReconnectPolicy.Never,
    };

    public static async Task<List<T>> TakeAsync<T>(IAsyncEnumerable<T> items, int count)
    {
        using var timeout = new CancellationTokenSource(Patience.Limit);
        var list = new List<T>();
        await foreach (var item in items.WithCancellation(timeout.Token))
        {
            list.Add(item);
            if (list.Count == count)
                break;
        }

        return list;
    }
}
