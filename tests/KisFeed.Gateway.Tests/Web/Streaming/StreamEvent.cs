using System.Text.Json;

namespace KisFeed.Gateway.Tests.Web.Streaming;

/// <summary>An item of a stream as a client gets it.</summary>
/// <param name="Id">The id; <see langword="null"/> where it has none.</param>
/// <param name="Kind">What it is: the name of the server-sent event, or of the JSON's own member.</param>
/// <param name="Json">Its JSON.</param>
internal sealed record StreamEvent(string? Id, string Kind, JsonElement Json)
{
    /// <summary>The member that is named as the item is.</summary>
    public JsonElement Body => Json.GetProperty(Kind == "malformed" ? "error" : Kind);

    public bool IsRecord => Kind == "record";

    /// <summary>The number in the id.</summary>
    public long Number => long.Parse(Id![(Id!.IndexOf('-', StringComparison.Ordinal) + 1)..], System.Globalization.CultureInfo.InvariantCulture);

    public string Key => (IsRecord ? Json : Body).GetProperty("key").GetString()!;
}
