using System.Diagnostics.CodeAnalysis;
using System.Text.Json;

namespace KisFeed.Gateway;

/// <summary>What the client of a WebSocket stream asks for: <c>{"subscribe":["index:0001"],"unsubscribe":["index:1001"]}</c>, of which either may be left out.</summary>
/// <param name="Subscribe">Keys that it is to have.</param>
/// <param name="Unsubscribe">Keys that it is to have no longer.</param>
internal sealed record StreamCommand(IReadOnlyList<string> Subscribe, IReadOnlyList<string> Unsubscribe)
{
    // Of two members of one name one would be passed over.
    private static readonly JsonDocumentOptions s_strict = new() { AllowDuplicateProperties = false };

    /// <summary>Reads a message; <see langword="false"/> where it says anything else.</summary>
    public static bool TryParse(ReadOnlyMemory<byte> text, [NotNullWhen(true)] out StreamCommand? command)
    {
        command = null;
        try
        {
            using var json = JsonDocument.Parse(text, s_strict);
            if (json.RootElement.ValueKind != JsonValueKind.Object)
                return false;
            var read = new StreamCommand([], []);
            foreach (var member in json.RootElement.EnumerateObject())
            {
                if (TextsOf(member.Value) is not { } texts)
                    return false;
                if (member.NameEquals("subscribe"))
                    read = read with { Subscribe = texts };
                else if (member.NameEquals("unsubscribe"))
                    read = read with { Unsubscribe = texts };
                else
                    return false;
            }

            command = read;
            return read.Subscribe.Count + read.Unsubscribe.Count > 0;
        }
        catch (Exception e) when (e is JsonException or InvalidOperationException)
        {
            return false; // No JSON, or half of a surrogate pair in a name or a text.
        }
    }

    private static List<string>? TextsOf(JsonElement value)
    {
        if (value.ValueKind != JsonValueKind.Array || value.EnumerateArray().Any(item => item.ValueKind != JsonValueKind.String))
            return null;
        return [.. value.EnumerateArray().Select(item => item.GetString()!)];
    }
}
