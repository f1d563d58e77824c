using KisFeed.Gateway.Certificates;
using KisFeed.Gateway.Consumers;
using KisFeed.Gateway.Days;
using KisFeed.Gateway.Http;
using KisFeed.Gateway.Hub;
using KisFeed.Gateway.Streaming;
using KisFeed.Gateway.Web.Html;
using KisFeed.Gateway.Web.Metrics;
using KisFeed.Server.Protocol;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.Logging;

namespace KisFeed.Gateway.Web;

/// <summary>The endpoints of the HTTP API and their paths. A test checks that <c>openapi.json</c> lists the same.</summary>
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
    private readonly DaysPage _days;
    private readonly DashboardPage _dashboard;
    private readonly InstrumentsPage _instruments;
    private readonly StatusPage _status;
    private readonly MetricsPage _metrics;
    private readonly StreamEndpoint _stream;
    private readonly RecordsEndpoint _records;
    private readonly SignInPage _signIn;

    /// <summary>Creates the endpoints.</summary>
    public WebEndpoints(
        GatewayOptions options, AccessControl access, ApprovalKeys approvalKeys, Upstream upstream, LastFrames frames, IntradayHistory days, RecordedHistory? history, StreamDispatcher streams, StatusReader status, MeterSet meters, ILogger logger)
    {
        var catalog = upstream.Frames.Catalog;
        _isSecure = CertificateFiles.From(options.Kestrel) is not null;
        _gate = new WebGate(access, new WebCredentials(access, approvalKeys));
        _html = new HtmlPages(options.Html);
        _index = new IndexPage(_html.HasPage);
        _health = status.Health;
        _feeds = new FeedPages(catalog, _gate);
        _last = new LastPage(catalog, frames, _gate);
        _history = new HistoryPage(catalog, days, history?.Earlier, upstream.Hub.IsRegistered, _gate);
        _days = new DaysPage(history?.Days, new StreamTargets(catalog, options.Upstream.Environment), _gate);
        _dashboard = new DashboardPage(options, access, catalog, () => upstream.Source);
        _instruments = new InstrumentsPage(options.Instruments, _gate);
        _status = new StatusPage(status, catalog);
        _metrics = new MetricsPage(meters);
        _stream = new StreamEndpoint(upstream.Hub, streams, new StreamTargets(catalog, options.Upstream.Environment), _gate, options.StreamQueueBytes, new WebSocketStreamRules(options.Limits.Frames, streams.Counters, options.TimeProvider, logger, history?.Source));
        _records = new RecordsEndpoint(history?.Source, new StreamTargets(catalog, options.Upstream.Environment), streams.Renderer, _gate, options.TimeProvider);
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
        routes.Map("/v1/days", _days.AnswerAllAsync);
        routes.Map("/v1/days/{date}", _days.AnswerOneAsync, DaysPage.KeysParameter);
        routes.Map("/v1/dashboard", _dashboard.AnswerAsync);
        routes.Map("/v1/instruments", _instruments.AnswerAsync, InstrumentsPage.TextParameter, InstrumentsPage.LimitParameter, InstrumentsPage.KindParameter);
        routes.Map("/v1/stream", _stream.AnswerAsync, StreamRequest.Parameters);
        routes.Map("/v1/records", _records.AnswerAsync, RecordsRequest.Parameters);
        routes.Map("/v1/status", _status.AnswerAsync);
        routes.Map("/metrics", _metrics.AnswerAsync);
        routes.MapPostForAnybody("/v1/signin", _signIn.AnswerAsync);
        routes.Map("/v1/openapi.json", new OpenApiPage().AnswerAsync);
    }
}

/// <summary>Makes browsers use TLS for all later requests (HSTS).</summary>
internal static class TransportSecurity
{
    private const string ForAYear = "max-age=31536000";

    // Not for localhost: browsers would require TLS on all of its ports, which other programs on this machine use. They ignore the header for IP
    // addresses.
    public static RequestDelegate Before(RequestDelegate next) => context =>
    {
        if (!context.Request.Host.Host.Equals("localhost", StringComparison.OrdinalIgnoreCase))
            context.Response.Headers.StrictTransportSecurity = ForAYear;
        return next(context);
    };
}
