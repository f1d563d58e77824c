using KisFeed.Gateway.Certificates;
using KisFeed.Gateway.Consumers;
using KisFeed.Gateway.Days;
using KisFeed.Gateway.Dispatching;
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
internal sealed class WebEndpoints(
    GatewayOptions options,
    AccessControl access,
    ApprovalKeys approvalKeys,
    Upstream upstream,
    LastFrames frames,
    IntradayHistory days,
    RecordedDays? history,
    StreamDispatcher streams,
    StatusReader status,
    MeterSet meters,
    ILogger logger)
{
    public void Map(WebApplication application)
    {
        var catalog = upstream.Frames.Catalog;
        var targets = new StreamTargets(catalog, options.Upstream.Environment);
        var gate = new WebGate(access, new WebCredentials(access, approvalKeys));
        if (CertificateFiles.From(options.Kestrel) is not null)
            application.Use(TransportSecurity.Before);
        application.Use(new FallbackMiddleware(gate).InvokeAsync);

        var routes = new WebRoutes(gate, application);
        routes.MapForAnybody("/healthz", HealthPages.AnswerHealthAsync);
        routes.MapForAnybody("/readyz", status.Health.AnswerReadinessAsync);
        var html = new HtmlPages(options.Html);
        routes.MapForAnybody("/assets/{file}", html.AnswerAssetAsync);
        routes.Map("/", html.HasPage ? html.AnswerPageAsync : null, new IndexPage(html.HasPage).AnswerAsync);
        var feeds = new FeedPages(catalog, gate);
        routes.Map("/v1/feeds", feeds.AnswerAllAsync);
        routes.Map("/v1/feeds/{feed}", feeds.AnswerOneAsync);
        routes.Map("/v1/last/{feed}/{key}", new LastPage(catalog, frames, gate).AnswerAsync, NamesParameter.Name);
        routes.Map(
            "/v1/history/{feed}/{key}", new HistoryPage(catalog, days, history, upstream.Hub.IsRegistered, gate).AnswerAsync);
        var recorded = new DaysPage(history, targets, gate);
        routes.Map("/v1/days", recorded.AnswerAllAsync);
        routes.Map("/v1/days/{date}", recorded.AnswerOneAsync, DaysPage.KeysParameter);
        routes.Map("/v1/dashboard", new DashboardPage(options, access, catalog, () => upstream.Source).AnswerAsync);
        var instruments = new InstrumentsPage(options.Instruments, gate);
        routes.Map(
            "/v1/instruments",
            instruments.AnswerAsync,
            InstrumentsPage.TextParameter, InstrumentsPage.LimitParameter, InstrumentsPage.KindParameter);
        var sockets = new WebSocketStreamRules(options.Limits.Frames, streams.Counters, options.TimeProvider, logger, history?.Source);
        routes.Map(
            "/v1/stream",
            new StreamEndpoint(upstream.Hub, streams, targets, gate, options.StreamQueueBytes, sockets).AnswerAsync,
            StreamRequest.Parameters);
        routes.Map(
            "/v1/records",
            new RecordsEndpoint(history?.Source, targets, streams.Renderer, gate, options.TimeProvider).AnswerAsync,
            RecordsRequest.Parameters);
        routes.Map("/v1/status", new StatusPage(status, catalog).AnswerAsync);
        routes.Map("/metrics", new MetricsPage(meters).AnswerAsync);
        routes.MapPostForAnybody("/v1/signin", new SignInPage(access, approvalKeys, gate, logger).AnswerAsync);
        routes.Map("/v1/openapi.json", new OpenApiPage().AnswerAsync);
    }
}

/// <summary>Makes browsers use TLS for all later requests (HSTS).</summary>
internal static class TransportSecurity
{
    private const string ForAYear = "max-age=31536000";

    // Not for localhost: browsers would require TLS on all of its ports, which other programs on this machine use. They
    // ignore the header for IP addresses.
    public static RequestDelegate Before(RequestDelegate next) => context =>
    {
        if (!context.Request.Host.Host.Equals("localhost", StringComparison.OrdinalIgnoreCase))
            context.Response.Headers.StrictTransportSecurity = ForAYear;
        return next(context);
    };
}
