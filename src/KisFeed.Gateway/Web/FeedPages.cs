using KisFeed.Wire;
using Microsoft.AspNetCore.Http;

namespace KisFeed.Gateway;

/// <summary><c>/v1/feeds</c>: which feeds there are. <c>/v1/feeds/{feed}</c>: what the columns of one are.</summary>
internal sealed class FeedPages(FeedCatalog catalog, WebGate gate)
{
    public static Problem UnknownFeed { get; } = new(StatusCodes.Status404NotFound, "unknownFeed", "There is no feed with this TR ID or alias. /v1/feeds lists those there are.");

    public Task AnswerAllAsync(HttpContext context, Account account) => WebAnswer.WriteJsonAsync(context, json => FeedJson.Write(json, catalog));

    public Task AnswerOneAsync(HttpContext context, Account account) => catalog.TryFind((string)context.Request.RouteValues["feed"]!, out var feed)
        ? WebAnswer.WriteJsonAsync(context, json => FeedJson.Write(json, feed))
        : gate.RefuseAsync(context, RefusalReason.Malformed, UnknownFeed);
}
