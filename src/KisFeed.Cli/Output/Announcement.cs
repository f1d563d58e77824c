namespace KisFeed.Cli.Output;

/// <summary>What a server prints when it has started: a guide for people, or its addresses for programs that wait for it.</summary>
/// <param name="RestUrl">The REST address.</param>
/// <param name="WebSocketUrl">The WebSocket address.</param>
internal sealed record Announcement(Uri RestUrl, Uri WebSocketUrl)
{
    public Uri? HealthUrl { get; init; }

    public Uri? AdminUrl { get; init; }

    public string ToJson() => Json.LineWithoutNulls(new
    {
        RestUrl.Port,
        Rest = RestUrl.GetLeftPart(UriPartial.Authority),
        Websocket = WebSocketUrl.GetLeftPart(UriPartial.Authority),
        Health = HealthUrl?.GetLeftPart(UriPartial.Authority),
        Admin = AdminUrl?.AbsoluteUri,
    });
}
