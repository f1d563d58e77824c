using System.Text.Json.Serialization;

namespace KisFeed.Cli.Output;

/// <summary>The addresses of a server, for programs that wait for its start.</summary>
internal sealed record Announcement(int Port, string Rest, string Websocket, string? Health, string? Admin)
{
    public static string LineOf(Uri rest, Uri webSocket, Uri? health = null, Uri? admin = null) => Json.Line(
        new Announcement(rest.Port, OriginOf(rest)!, OriginOf(webSocket)!, OriginOf(health), admin?.AbsoluteUri),
        AnnouncementJson.Default.Announcement);

    private static string? OriginOf(Uri? address) => address?.GetLeftPart(UriPartial.Authority);
}

[JsonSourceGenerationOptions(
    PropertyNamingPolicy = JsonKnownNamingPolicy.CamelCase, DefaultIgnoreCondition = JsonIgnoreCondition.WhenWritingNull)]
[JsonSerializable(typeof(Announcement))]
internal sealed partial class AnnouncementJson : JsonSerializerContext;
