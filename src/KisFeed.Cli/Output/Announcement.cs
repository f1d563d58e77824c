namespace KisFeed.Cli.Output;

/// <summary>What a server prints when it has started: a guide for people, or its addresses for programs that wait for it.</summary>
/// <param name="RestUrl">The REST address.</param>
/// <param name="WebSocketUrl">The WebSocket address.</param>
internal sealed record Announcement(Uri RestUrl, Uri WebSocketUrl)
{
    /// <summary>The address of the health port, if there is one.</summary>
    public Uri? HealthUrl { get; init; }

    /// <summary>The address for faults, if there is one.</summary>
    public Uri? AdminUrl { get; init; }

    /// <summary>Creates <c>--format</c>.</summary>
    public static TextOrJsonOption Format() => new("What to print at the start: a guide, or one line of JSON for scripts.");

    /// <summary>Returns the addresses.</summary>
    public string ToJson() => Json.LineWithoutNulls(new
    {
        RestUrl.Port,
        Rest = RestUrl.GetLeftPart(UriPartial.Authority),
        Websocket = WebSocketUrl.GetLeftPart(UriPartial.Authority),
        Health = HealthUrl?.GetLeftPart(UriPartial.Authority),
        Admin = AdminUrl?.AbsoluteUri,
    });
}
