using System.Text.Json;
using KisFeed.Gateway.Certificates;
using KisFeed.Gateway.Consumers;
using KisFeed.Gateway.Days;
using KisFeed.Gateway.Dispatching;
using KisFeed.Gateway.Http;
using KisFeed.Gateway.Hub;
using KisFeed.Gateway.Streaming;
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
    IntradayHistory intraday,
    RecordedDays? recorded,
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
        routes.MapForAnybody("/healthz", HealthPages.Health);
        routes.MapForAnybody("/readyz", status.Health.Readiness);
        routes.MapForAnybody("/assets/{file}", options.Html.Asset);
        var index = WebAnswer.Text(IndexPage.Text(options.Html.Page is not null));
        routes.Map("/", options.Html.Page, index);
        routes.Map("/stock/{code}", options.Html.StockPage, index);
        var feeds = new FeedPages(catalog, frames, intraday, recorded, upstream.Hub);
        routes.Map("/v1/feeds", feeds.Feeds);
        routes.Map("/v1/feeds/{feed}", feeds.Feed);
        routes.Map("/v1/last/{feed}/{key}", feeds.Last, NamesParameter.Name);
        routes.Map("/v1/history/{feed}/{key}", feeds.HistoryAsync);
        var days = new DaysPage(recorded, targets, access.Audit);
        routes.Map("/v1/days", days.AnswerAllAsync);
        routes.Map("/v1/days/{date}", days.AnswerOneAsync, DaysPage.KeysParameter);
        routes.Map("/v1/dashboard", new DashboardPage(options, access, catalog, () => upstream.Source).Answer);
        routes.Map(
            "/v1/instruments",
            new InstrumentsPage(options.Instruments).Answer,
            InstrumentsPage.TextParameter, InstrumentsPage.LimitParameter, InstrumentsPage.KindParameter);
        var sockets = new WebSocketStreamRules(options.Limits.Frames, streams.Counters, options.TimeProvider, logger, recorded?.Source);
        routes.Map(
            "/v1/stream",
            new StreamEndpoint(upstream.Hub, streams, targets, access.Audit, options.StreamQueueBytes, sockets).AnswerAsync,
            StreamRequest.Parameters);
        routes.Map(
            "/v1/records",
            new RecordsEndpoint(recorded?.Source, targets, streams.Renderer, access.Audit, options.TimeProvider).AnswerAsync,
            RecordsRequest.Parameters);
        routes.Map(
            "/v1/status",
            (_, account) => WebAnswer.Json(
                json => JsonSerializer.Serialize(json, status.Read(account), WebJson.Default.GatewayStatus)));
        routes.Map("/metrics", new MetricsPage(meters).Answer);
        routes.MapPostForAnybody("/v1/signin", new SignInPage(access, approvalKeys, logger).AnswerAsync);
        var openApi = new WebAnswer(WebAnswer.JsonType, ReadOpenApi());
        routes.Map("/v1/openapi.json", (_, _) => openApi);
    }

    // Written by hand; a test validates every response against it.
    private static byte[] ReadOpenApi()
    {
        using var resource = typeof(WebEndpoints).Assembly.GetManifestResourceStream("KisFeed.Gateway.openapi.json")!;
        var document = new byte[resource.Length];
        resource.ReadExactly(document);
        return document;
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
