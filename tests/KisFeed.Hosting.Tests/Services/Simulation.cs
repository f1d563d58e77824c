using KisFeed.Hosting.Tests.Configuration;
using KisFeed.Simulator;
using KisFeed.TestSupport;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;

namespace KisFeed.Hosting.Tests.Services;

/// <summary>A simulator on a free port, and options that connect a host to it.</summary>
internal sealed class Simulation : IAsyncDisposable
{
    public const string AppKey = "SIMULATORAPPKEY000000000000000000000";
    public const string AppSecret = "SIMULATORAPPSECRET0000000000000000000000000000000000";
    public const string HtsId = "MyHtsId";


    private readonly Home _home = new();

    private Simulation(SimulatorServer server) => Server = server;

    public SimulatorServer Server { get; }

    public RecordingLoggerFactory Loggers { get; } = new();

    public KisFeedSources Sources => _home.Sources(
        ("KISFEED_APPKEY", AppKey),
        ("KISFEED_APPSECRET", AppSecret),
        ("KISFEED_HTSID", HtsId),
        ("KISFEED_URL", Server.WebSocketUrl.OriginalString));

    public static async Task<Simulation> StartAsync(SimulatorOptions? options = null) =>
        new(await SimulatorServer.StartAsync((options ?? new SimulatorOptions()) with { Rate = 500 }));

    public static Task<T> WithTimeoutAsync<T>(Task<T> task) => task.WaitAsync(Patience.Limit);

    public static Task WithTimeoutAsync(Task task) => task.WaitAsync(Patience.Limit);

    /// <summary>Creates a host with loggers and the services that the test adds.</summary>
    public IHost CreateHost(Action<IServiceCollection> add)
    {
        var builder = Host.CreateEmptyApplicationBuilder(new HostApplicationBuilderSettings());
        builder.Services.AddSingleton<ILoggerFactory>(Loggers);
        add(builder.Services);
        return builder.Build();
    }

    public async ValueTask DisposeAsync()
    {
        await Server.DisposeAsync();
        _home.Dispose();
        Loggers.Dispose();
    }
}
