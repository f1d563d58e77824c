using Microsoft.AspNetCore.Builder;

namespace KisFeed.Gateway;

/// <summary>The plain HTTP side: which page is where. <c>openapi.json</c> says the same, and a test that it does.</summary>
internal sealed class WebEndpoints(WebGate gate, HealthPages health, FeedPages feeds, LastPage last, StatusPage status)
{
    public void Map(WebApplication application)
    {
        application.Use(new WebPaths(gate).InvokeAsync);
        var routes = new WebRoutes(gate, application);
        routes.MapForAnybody("/healthz", HealthPages.AnswerHealthAsync);
        routes.MapForAnybody("/readyz", health.AnswerReadinessAsync);
        routes.Map("/", IndexPage.AnswerAsync);
        routes.Map("/v1/feeds", feeds.AnswerAllAsync);
        routes.Map("/v1/feeds/{feed}", feeds.AnswerOneAsync);
        routes.Map("/v1/last/{feed}/{key}", last.AnswerAsync);
        routes.Map("/v1/status", status.AnswerAsync);
        routes.Map("/v1/openapi.json", new OpenApiPage().AnswerAsync);
    }
}
