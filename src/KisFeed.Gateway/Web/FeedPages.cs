using KisFeed.Wire;
using Microsoft.AspNetCore.Http;

namespace KisFeed.Gateway;

/// <summary><c>/v1/feeds</c>: which feeds there are. <c>/v1/feeds/{feed}</c>: what the columns of one are.</summary>
internal sealed class FeedPages(FeedCatalog catalog, WebGate gate)
{
    public static Problem UnknownFeed(string name) => FeedCatalog.IsUnsupported(name)
        ? new(StatusCodes.Status404NotFound, "unsupportedFeed", $"{FeedCatalog.DescribeUnknown(name)}. /v1/feeds lists those there are.")
        : new(StatusCodes.Status404NotFound, "unknownFeed", "There is no feed with this TR ID or alias. /v1/feeds lists those there are.");

    public Task AnswerAllAsync(HttpContext context, Account account) => WebAnswer.WriteJsonAsync(context, json => FeedJson.Write(json, catalog));

    public Task AnswerOneAsync(HttpContext context, Account account) => AnswerOneAsync(context, (string)context.Request.RouteValues["feed"]!);

    private Task AnswerOneAsync(HttpContext context, string name) => catalog.TryFind(name, out var feed)
        ? WebAnswer.WriteJsonAsync(context, json => FeedJson.Write(json, feed))
        : gate.RefuseAsync(context, RefusalReason.Malformed, UnknownFeed(name));
}
