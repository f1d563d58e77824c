using KisFeed.Gateway.Consumers;
using KisFeed.Gateway.Http;
using KisFeed.Output;
using KisFeed.Wire;
using Microsoft.AspNetCore.Http;

namespace KisFeed.Gateway.Web;

/// <summary><c>/v1/feeds</c>: all feeds. <c>/v1/feeds/{feed}</c>: one feed with its columns.</summary>
internal sealed class FeedPages(FeedCatalog catalog, WebGate gate)
{
    public static Problem UnknownFeed { get; } =
        new(StatusCodes.Status404NotFound, "unknownFeed", "There is no feed with this TR ID or alias. /v1/feeds lists all feeds.");

    public Task AnswerAllAsync(HttpContext context, Account account) =>
        WebAnswer.WriteJsonAsync(context, json => FeedJson.Write(json, catalog.Feeds));

    public Task AnswerOneAsync(HttpContext context, Account account) =>
        AnswerOneAsync(context, (string)context.Request.RouteValues["feed"]!);

    private Task AnswerOneAsync(HttpContext context, string name) => catalog.TryFind(name, out var feed)
        ? WebAnswer.WriteJsonAsync(context, json => FeedJson.Write(json, feed))
        : gate.RefuseAsync(context, AccessRefusalReason.Malformed, UnknownFeed);
}
