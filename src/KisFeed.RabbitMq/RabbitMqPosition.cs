using System.Diagnostics.CodeAnalysis;
using System.Text.Json;
using System.Text.Json.Serialization;
using KisFeed.RabbitMq.Reading;

namespace KisFeed.RabbitMq;

/// <summary>
/// How far a reader came: a text that the caller stores together with what it made of the items, for example in the same transaction. A
/// reader that begins behind it neither loses nor repeats an item. Its content is not meant for other programs.
/// </summary>
public sealed class RabbitMqPosition
{
    internal RabbitMqPosition(KeyPosition content) => Content = content;

    internal KeyPosition Content { get; }

    /// <summary>Reads the text of a position.</summary>
    /// <exception cref="FormatException">It is not the text of a position.</exception>
    public static RabbitMqPosition Parse(string text) =>
        TryParse(text, out var position) ? position : throw new FormatException("the text is not the position of a reader");

    /// <summary>Reads the text of a position.</summary>
    public static bool TryParse([NotNullWhen(true)] string? text, [NotNullWhen(true)] out RabbitMqPosition? position)
    {
        position = null;
        if (text is null)
            return false;
        try
        {
            if (JsonSerializer.Deserialize(text, KeyPositionJson.Default.KeyPosition)
                is { Version: KeyPosition.CurrentVersion, Stream: not null, TrId: not null, Key: not null, Sources: not null } content)
            {
                position = new RabbitMqPosition(content);
            }
        }
        catch (JsonException)
        {
            // It is not a position.
        }

        return position is not null;
    }

    /// <summary>Returns the text of the position.</summary>
    public override string ToString() => JsonSerializer.Serialize(Content, KeyPositionJson.Default.KeyPosition);
}

/// <summary>The JSON of a <see cref="RabbitMqPosition"/>.</summary>
[JsonSourceGenerationOptions(
    PropertyNamingPolicy = JsonKnownNamingPolicy.CamelCase, DefaultIgnoreCondition = JsonIgnoreCondition.WhenWritingNull)]
[JsonSerializable(typeof(KeyPosition))]
internal sealed partial class KeyPositionJson : JsonSerializerContext;
