using System.Text.Json;

namespace KisFeed.Cli.Options;

/// <summary>What a server prints when it has started: a guide for people, or its addresses as JSON for programs that wait for it.</summary>
internal static class Announcement
{
    /// <summary>Creates <c>--format</c>.</summary>
    /// <param name="guide">Writes the guide.</param>
    /// <param name="addresses">Returns the REST and the WebSocket address.</param>
    /// <param name="writeMore">Writes further members after those of the addresses; <see langword="null"/> for none.</param>
    public static FormatOption<T> Format<T>(
        Action<TextWriter, T> guide, Func<T, (Uri Http, Uri WebSocket)> addresses, Action<Utf8JsonWriter, T>? writeMore = null) =>
        TextOrJson.Create<T>("What to print at the start: a guide, or one line of JSON for scripts.", guide, (json, server) =>
        {
            var (rest, webSocket) = addresses(server);
            json.WriteNumber("port"u8, rest.Port);
            json.WriteString("rest"u8, rest.GetLeftPart(UriPartial.Authority));
            json.WriteString("websocket"u8, webSocket.GetLeftPart(UriPartial.Authority));
            writeMore?.Invoke(json, server);
        });
}
