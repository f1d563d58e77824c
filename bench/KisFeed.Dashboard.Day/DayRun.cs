using System.Collections.Concurrent;
using System.Globalization;
using KisFeed.Cli.Gateways;
using KisFeed.Gateway;
using KisFeed.Simulator;
using KisFeed.Simulator.Market;
using Microsoft.Playwright;

namespace KisFeed.Dashboard.Day;

/// <summary>Measures the page while it is open during a simulated day.</summary>
internal sealed class DayRun : IAsyncDisposable
{
    private const string Credential = "DASHBOARDDAY0000000000000000";

    // Market time between two measurements.
    private static readonly TimeSpan s_step = TimeSpan.FromMinutes(5);

    private readonly DayOptions _options;
    private readonly FastClock _clock;
    private readonly DateTimeOffset _opening;
    private readonly SimulatorServer _market;
    private readonly GatewayServer _gateway;
    private readonly ConcurrentQueue<string> _complaints = [];

    private DayRun(DayOptions options, FastClock clock, SimulatorServer market, GatewayServer gateway)
    {
        _options = options;
        _clock = clock;
        _opening = clock.GetUtcNow();
        _market = market;
        _gateway = gateway;
    }

    private TimeSpan Passed => _clock.GetUtcNow() - _opening;

    private TimeOnly MarketTime => MarketHours.Opening.Add(Passed);

    /// <summary>Runs the measurement, with progress on standard error.</summary>
    public static async Task<DayReport> RunAsync(DayOptions options, CancellationToken cancellationToken)
    {
        using var playwright = await Playwright.CreateAsync();
        await using var browser = await BrowserStart.LaunchAsync(playwright);
        await using var run = await StartAsync(options);
        return await run.WatchAsync(browser, cancellationToken);
    }

    public async ValueTask DisposeAsync()
    {
        await _gateway.DisposeAsync();
        await _market.DisposeAsync();
    }

    // Only the market's clock is fast; its time limits for clients are unchanged in real time.
    private static async Task<DayRun> StartAsync(DayOptions options)
    {
        var clock = new FastClock(options.Speed);
        var usual = SimulatorOptions.Default;
        var market = await SimulatorServer.StartAsync(usual with
        {
            Rate = options.Rate,
            Loop = true,
            HtsId = DemoTargets.HtsId,
            TimeProvider = clock,
            HeartbeatInterval = usual.HeartbeatInterval * options.Speed,
            HeartbeatTimeout = usual.HeartbeatTimeout * options.Speed,
            SlowClientLimit = usual.SlowClientLimit * options.Speed,
        });
        var gateway = await GatewayServer.StartAsync(new GatewayOptions
        {
            Upstream = new KisFeedOptions
            {
                AppKey = Credential,
                AppSecret = Credential,
                HtsId = DemoTargets.HtsId,
                WebSocketUrl = market.WebSocketUrl,
            },
            Source = DataSource.Simulation,
            Keep = DemoTargets.Keys,
            DashboardKeys = DemoTargets.Keys,
            Instruments = SimulatedInstruments.All,
        });
        return new DayRun(options, clock, market, gateway);
    }

    private async Task<DayReport> WatchAsync(IBrowser browser, CancellationToken cancellationToken)
    {
        var page = await OpenAsync(browser);
        var meter = await PageMeter.OpenAsync(browser, page);
        var sizes = new List<PageSize>();
        var opened = Passed; // Market time that passed while the browser started.
        for (var next = _options.Settling; next < _options.Market; next += s_step)
            sizes.Add(await MeasureAtAsync(opened + next, page, meter, cancellationToken));
        sizes.Add(await MeasureAtAsync(opened + _options.Market, page, meter, cancellationToken));
        return new DayReport
        {
            MarketHours = _options.Market.TotalHours,
            Speed = _options.Speed,
            Rate = _options.Rate,
            FramesReceived = _gateway.Status.Totals.FramesReceived,
            Load = LoadOfMachine(),
            Processors = Environment.ProcessorCount,
            Sizes = sizes,
            Frames = await FrameLog.ReadAsync(page),
            Complaints = [.. _complaints],
        };
    }

    private async Task<IPage> OpenAsync(IBrowser browser)
    {
        var page = await browser.NewPageAsync(
            new BrowserNewPageOptions { ViewportSize = new ViewportSize { Width = 1440, Height = 1000 }, Locale = "ko-KR" });
        page.Console += (_, message) =>
        {
            if (message.Type is "error" or "warning")
                _complaints.Enqueue(message.Text);
        };
        page.PageError += (_, error) => _complaints.Enqueue(error);
        await FrameLog.AttachAsync(page);
        await page.GotoAsync(_gateway.RestUrl.AbsoluteUri);
        // The page hides it while the connection is open.
        var isThere = new LocatorWaitForOptions { State = WaitForSelectorState.Attached };
        await page.Locator("#connection[data-state=open]").WaitForAsync(isThere);
        await page.Locator("#indexes canvas").First.WaitForAsync();
        return page;
    }

    private async Task<PageSize> MeasureAtAsync(TimeSpan passed, IPage page, PageMeter meter, CancellationToken cancellationToken)
    {
        if (passed - Passed is var left && left > TimeSpan.Zero)
            await Task.Delay(left, _clock, cancellationToken);
        await FrameLog.SetEnabledAsync(page, isEnabled: false);
        var size = await meter.MeasureAsync(MarketTime);
        await FrameLog.SetEnabledAsync(page, isEnabled: true);
        await Console.Error.WriteLineAsync(string.Create(CultureInfo.InvariantCulture, $"{size.At:HH:mm}  "
            + $"{_gateway.Status.Totals.FramesReceived,10:N0} frames of data  heap {size.Heap >> 10,8:N0} KB  {size.Nodes,6:N0} nodes"));
        return size;
    }

    private static double? LoadOfMachine()
    {
        const string Place = "/proc/loadavg";
        return File.Exists(Place) ? double.Parse(File.ReadAllText(Place).Split(' ')[0], CultureInfo.InvariantCulture) : null;
    }
}

/// <summary>Options of a run.</summary>
internal sealed record DayOptions
{
    /// <summary>The market time during which the page is open.</summary>
    public required TimeSpan Market { get; init; }

    /// <summary>The market time before the first measurement, with which the others are compared.</summary>
    public required TimeSpan Settling { get; init; }

    /// <summary>The speed of the market, relative to the system's clock.</summary>
    public required double Speed { get; init; }

    /// <summary>Events per second of market time, of all shown keys.</summary>
    public required double Rate { get; init; }
}
