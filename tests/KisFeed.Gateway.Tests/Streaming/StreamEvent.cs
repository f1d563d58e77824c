using System.Text.Json;

namespace KisFeed.Gateway.Tests.Streaming;

/// <summary>A received item of a stream.</summary>
/// <param name="Id">The id, if any.</param>
/// <param name="Kind">The name of the server-sent event or of the JSON member.</param>
/// <param name="Json">Its JSON.</param>
internal sealed record StreamEvent(string? Id, string Kind, JsonElement Json)
{
    /// <summary>The JSON member named like the item.</summary>
    public JsonElement Body => Json.GetProperty(Kind == "malformed" ? "error" : Kind);

    public bool IsRecord => Kind == "record";

    /// <summary>The number in the id.</summary>
    public long Number => long.Parse(Id!.Split('-')[1], System.Globalization.CultureInfo.InvariantCulture);

    public string Key => Text("key")!;

    /// <summary>A text in the record or in <see cref="Body"/>.</summary>
    public string? Text(string name) => (IsRecord ? Json : Body).GetProperty(name).GetString();
}
