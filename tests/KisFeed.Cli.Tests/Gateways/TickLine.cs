using System.Globalization;
using System.Text.Json;

namespace KisFeed.Cli.Tests.Gateways;

/// <summary>A tick as a client of any kind has it, without what is the client's own.</summary>
/// <param name="Target">The TR ID and the key.</param>
/// <param name="Volume">The volume of the day up to it.</param>
/// <param name="Text">Every element, by the broker's names and in its order.</param>
internal sealed record TickLine(string Target, decimal Volume, string Text)
{
    private static readonly HashSet<string> s_own = new(["id", "tr_id", "tr_key", "received_at", "timestamp"], StringComparer.Ordinal);

    /// <summary>Reads a JSON object; <see langword="null"/> where it is no record.</summary>
    public static TickLine? Of(string json)
    {
        using var document = JsonDocument.Parse(json);
        var item = document.RootElement;
        if (!item.TryGetProperty("tr_id", out var trId) || !item.TryGetProperty("tr_key", out var key))
            return null;
        var elements = item.EnumerateObject().Where(member => !s_own.Contains(member.Name)).ToList();
        var volume = elements.Find(member => member.Name.Equals("acml_vol", StringComparison.OrdinalIgnoreCase));
        return new TickLine(
            $"{trId.GetString()}:{key.GetString()}",
            decimal.Parse(TextOf(volume.Value), CultureInfo.InvariantCulture),
            string.Join(' ', elements.Select(member => $"{member.Name}={TextOf(member.Value)}")));
    }

    // Numbers are numbers in JSON and text in the protocol.
    private static string TextOf(JsonElement value)
    {
        var text = value.ToString();
        return decimal.TryParse(text, NumberStyles.Number, CultureInfo.InvariantCulture, out var number) ? (number / 1.0000000000000000000000000000m).ToString(CultureInfo.InvariantCulture) : text;
    }
}
