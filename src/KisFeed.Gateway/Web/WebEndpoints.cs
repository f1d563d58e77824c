using KisFeed.Server;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.Logging;

namespace KisFeed.Gateway;

/// <summary>The plain HTTP side: which page is where. <c>openapi.json</c> says the same, and a test that it does.</summary>
internal sealed class WebEndpoints
{
    private readonly bool _isSecure;
    private readonly WebGate _gate;
    private readonly HtmlPages _html;
    private readonly IndexPage _index;
    private readonly HealthPages _health;
    private readonly FeedPages _feeds;
    private readonly LastPage _last;
    private readonly HistoryPage _history;
    private readonly DashboardPage _dashboard;
    private readonly InstrumentsPage _instruments;
    private readonly StatusPage _status;
    private readonly MetricsPage _metrics;
    private readonly StreamEndpoint _stream;
    private readonly SignInPage _signIn;

    /// <summary>Makes the pages.</summary>
    /// <param name="options">How the gateway is set up.</param>
    /// <param name="access">Who may use it.</param>
    /// <param name="approvalKeys">The approval keys of the broker's side, which are good here too.</param>
    /// <param name="upstream">What it has of the service.</param>
    /// <param name="frames">What came last.</param>
    /// <param name="days">What came today.</param>
    /// <param name="streams">What brings records to streams.</param>
    /// <param name="status">What it is doing.</param>
    /// <param name="meters">Its meters.</param>
    /// <param name="logger">Where to log.</param>
    public WebEndpoints(
        GatewayOptions options, AccessControl access, ApprovalKeys approvalKeys, Upstream upstream, LastFrames frames, IntradayHistory days, StreamDispatcher streams, Func<GatewayStatus> status, MeterSet meters, ILogger logger)
    {
        var catalog = upstream.Client.Catalog;
        _isSecure = CertificateFiles.From(options.Kestrel) is not null;
        _gate = new WebGate(access, new WebCredentials(access, approvalKeys));
        _html = new HtmlPages(options.Html);
        _index = new IndexPage(_html.HasPage);
        _health = new HealthPages(() => upstream.Client.Sessions, upstream.Hub.Completion, () => upstream.Recorder?.Status);
        _feeds = new FeedPages(catalog, _gate);
        _last = new LastPage(catalog, frames, _gate);
        _history = new HistoryPage(catalog, days, upstream.Hub.IsRegistered, _gate);
        _dashboard = new DashboardPage(options, access, catalog, () => upstream.Source);
        _instruments = new InstrumentsPage(options.Instruments, _gate);
        _status = new StatusPage(status, _health, access, frames, catalog, options, () => upstream.Source, upstream.Hub.PlacesOf);
        _metrics = new MetricsPage(meters);
        _stream = new StreamEndpoint(upstream.Hub, streams, new StreamTargets(catalog, options.Upstream.Environment), _gate, options.StreamQueueBytes, new WebSocketStreamRules(options.Limits.Frames, streams.Counters, options.TimeProvider, logger));
        _signIn = new SignInPage(access, approvalKeys, _gate, logger);
    }

    public void Map(WebApplication application)
    {
        if (_isSecure)
            application.Use(TransportSecurity.Before);
        application.Use(new FallbackMiddleware(_gate).InvokeAsync);
        var routes = new WebRoutes(_gate, application);
        routes.MapForAnybody("/healthz", HealthPages.AnswerHealthAsync);
        routes.MapForAnybody("/readyz", _health.AnswerReadinessAsync);
        routes.MapForAnybody("/assets/{file}", _html.AnswerAssetAsync);
        routes.Map("/", _html.HasPage ? _html.AnswerPageAsync : null, _index.AnswerAsync);
        routes.Map("/v1/feeds", _feeds.AnswerAllAsync);
        routes.Map("/v1/feeds/{feed}", _feeds.AnswerOneAsync);
        routes.Map("/v1/last/{feed}/{key}", _last.AnswerAsync, NamesParameter.Name);
        routes.Map("/v1/history/{feed}/{key}", _history.AnswerAsync);
        routes.Map("/v1/dashboard", _dashboard.AnswerAsync);
        routes.Map("/v1/instruments", _instruments.AnswerAsync, InstrumentsPage.TextParameter, InstrumentsPage.LimitParameter);
        routes.Map("/v1/stream", _stream.AnswerAsync, StreamRequest.Parameters);
        routes.Map("/v1/status", _status.AnswerAsync);
        routes.Map("/metrics", _metrics.AnswerAsync);
        routes.MapPostForAnybody("/v1/signin", _signIn.AnswerAsync);
        routes.Map("/v1/openapi.json", new OpenApiPage().AnswerAsync);
    }
}

/// <summary>Tells browsers to come by TLS from now on (HSTS).</summary>
internal static class TransportSecurity
{
    private const string ForAYear = "max-age=31536000";

    // Browsers would use TLS for every other port of the name, too: programs under development on this machine have it in common. They ignore the header for IP addresses.
    public static RequestDelegate Before(RequestDelegate next) => context =>
    {
        if (!context.Request.Host.Host.Equals("localhost", StringComparison.OrdinalIgnoreCase))
            context.Response.Headers.StrictTransportSecurity = ForAYear;
        return next(context);
    };
}
