namespace KisFeed.Cli.Tests.Gateways;

/// <summary>A tick in a form that is the same for all kinds of clients.</summary>
/// <param name="Target">The TR ID and the key.</param>
/// <param name="Volume">The accumulated volume of the day.</param>
/// <param name="Text">All elements with the broker's names, in the broker's order.</param>
internal sealed record TickLine(string Target, decimal Volume, string Text)
{
    private static readonly HashSet<string> s_clientMembers = new(
        ["id", "tr_id", "tr_key", "received_at", "timestamp"], StringComparer.Ordinal);

    /// <summary>Reads a JSON object; <see langword="null"/> if it is not a record.</summary>
    public static TickLine? Of(string json)
    {
        using var document = JsonDocument.Parse(json);
        var item = document.RootElement;
        if (!item.TryGetProperty("tr_id", out var trId) || !item.TryGetProperty("tr_key", out var key))
            return null;
        var elements = item.EnumerateObject().Where(member => !s_clientMembers.Contains(member.Name)).ToList();
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
        return decimal.TryParse(text, NumberStyles.Number, CultureInfo.InvariantCulture, out var number)
            ? (number / 1.0000000000000000000000000000m).ToString(CultureInfo.InvariantCulture)
            : text;
    }
}
