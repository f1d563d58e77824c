using System.Text.Json;

namespace KisFeed.Cli.Output;

/// <summary>Where a server is to be reached, for programs that wait for it.</summary>
internal static class AddressJson
{
    /// <summary>The members <c>port</c>, <c>rest</c> and <c>websocket</c>.</summary>
    public static void WriteMembers(Utf8JsonWriter json, Uri rest, Uri webSocket)
    {
        json.WriteNumber("port"u8, rest.Port);
        json.WriteString("rest"u8, rest.GetLeftPart(UriPartial.Authority));
        json.WriteString("websocket"u8, webSocket.GetLeftPart(UriPartial.Authority));
    }
}
