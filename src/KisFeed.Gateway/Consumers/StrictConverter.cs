using System.Collections.Immutable;
using System.Text.Json;
using System.Text.Json.Serialization;

namespace KisFeed.Gateway.Consumers;

/// <summary>Reads and writes one kind of values; <see langword="null"/> is not valid.</summary>
/// <typeparam name="T">The type of the values, which is nullable only because members may be missing.</typeparam>
internal abstract class StrictConverter<T> : JsonConverter<T>
{
    public override bool HandleNull => true;

    protected static string ReadText(ref Utf8JsonReader json)
    {
        if (json.TokenType != JsonTokenType.String)
            throw new ConsumerFileException("expected a string");
        try
        {
            return json.GetString()!;
        }
        catch (InvalidOperationException)
        {
            throw new ConsumerFileException("the text is not valid Unicode");
        }
    }

    protected static ImmutableArray<string> ReadTexts(ref Utf8JsonReader json, Func<string, bool> isValid, string problem)
    {
        var texts = ImmutableArray.CreateBuilder<string>();
        while (json.Read() && json.TokenType != JsonTokenType.EndArray)
            texts.Add(ReadText(ref json) is var text && isValid(text) ? text : throw new ConsumerFileException(problem));
        return texts.ToImmutable();
    }

    protected static void WriteTexts(Utf8JsonWriter json, ImmutableArray<string> texts)
    {
        json.WriteStartArray();
        foreach (var text in texts)
            json.WriteStringValue(text);
        json.WriteEndArray();
    }
}
