using System.Buffers.Text;
using System.Text.Json;
using System.Text.Json.Serialization;

namespace KisFeed.Wire;

/// <summary>Moments in JSON that is written from objects: with seven decimals, as <see cref="TimeText"/> has them, and in the offset that they are in. Those with fewer, as earlier versions wrote them, are read too.</summary>
internal sealed class MomentConverter : JsonConverter<DateTimeOffset>
{
    public override DateTimeOffset Read(ref Utf8JsonReader reader, Type typeToConvert, JsonSerializerOptions options) => reader.GetDateTimeOffset();

    public override void Write(Utf8JsonWriter writer, DateTimeOffset value, JsonSerializerOptions options)
    {
        ArgumentNullException.ThrowIfNull(writer);
        Span<byte> text = stackalloc byte[TimeText.MomentLength + 2];
        _ = Utf8Formatter.TryFormat(value, text[1..], out _, 'O');
        TimeText.WriteQuoted(writer, text);
    }
}
