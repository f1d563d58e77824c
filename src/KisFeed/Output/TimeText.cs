using System.Buffers.Text;
using System.Globalization;
using System.Text.Json;
using System.Text.Json.Serialization;
using KisFeed.Wire;

namespace KisFeed.Output;

/// <summary>
/// Formats times, in the same way in all outputs: always with the same number of decimals, so that texts can be compared and cut. Local
/// times, such as the time of receipt, have seven decimals; times of the exchange, which are whole seconds, have none.
/// </summary>
public static class TimeText
{
    /// <summary>The length of a moment in Korea time.</summary>
    public const int TimeLength = 33;

    /// <summary>The length of a time of the exchange.</summary>
    public const int ExchangeTimeLength = 25;

    private const string ExchangeTimeFormat = "yyyy-MM-dd'T'HH:mm:sszzz";

    /// <summary>Writes a moment in Korea time: <c>2026-11-20T09:00:01.1234567+09:00</c>.</summary>
    public static void WriteTime(Span<byte> room, DateTimeOffset moment) =>
        _ = Utf8Formatter.TryFormat(KoreaTime.From(moment), room, out _, 'O');

    /// <summary>Writes a moment in Korea time as a member of a JSON object.</summary>
    public static void WriteTime(Utf8JsonWriter json, ReadOnlySpan<byte> name, DateTimeOffset moment)
    {
        ArgumentNullException.ThrowIfNull(json);
        Span<byte> text = stackalloc byte[TimeLength + 2];
        WriteTime(text[1..], moment);
        json.WritePropertyName(name);
        WriteQuoted(json, text);
    }

    /// <summary>Writes a time of the exchange, in Korea time: <c>2026-11-20T09:00:01+09:00</c>.</summary>
    public static void WriteExchangeTime(Span<byte> room, DateTimeOffset time) =>
        _ = KoreaTime.From(time).TryFormat(room, out _, ExchangeTimeFormat, CultureInfo.InvariantCulture);

    /// <summary>Writes a time of the exchange as a member of a JSON object.</summary>
    public static void WriteExchangeTime(Utf8JsonWriter json, ReadOnlySpan<byte> name, DateTimeOffset time)
    {
        ArgumentNullException.ThrowIfNull(json);
        Span<byte> text = stackalloc byte[ExchangeTimeLength + 2];
        WriteExchangeTime(text[1..], time);
        json.WritePropertyName(name);
        WriteQuoted(json, text);
    }

    /// <summary>Formats a moment in UTC: <c>2026-11-20T00:00:01.1234567Z</c>.</summary>
    public static string Utc(DateTimeOffset moment) => moment.UtcDateTime.ToString("O", CultureInfo.InvariantCulture);

    /// <summary>
    /// Writes a time unescaped, into a buffer with space for its quotation marks: encoders made for HTML would escape the plus sign.
    /// </summary>
    internal static void WriteQuoted(Utf8JsonWriter json, Span<byte> text)
    {
        text[0] = text[^1] = (byte)'"';
        json.WriteRawValue(text, skipInputValidation: true);
    }
}

/// <summary>Writes moments in serialized JSON in Korea time, as <see cref="TimeText"/> does.</summary>
internal sealed class KoreaTimeConverter : JsonConverter<DateTimeOffset>
{
    public override DateTimeOffset Read(ref Utf8JsonReader reader, Type typeToConvert, JsonSerializerOptions options) =>
        reader.GetDateTimeOffset();

    public override void Write(Utf8JsonWriter writer, DateTimeOffset value, JsonSerializerOptions options)
    {
        Span<byte> text = stackalloc byte[TimeText.TimeLength + 2];
        TimeText.WriteTime(text[1..], value);
        TimeText.WriteQuoted(writer, text);
    }
}

/// <summary>Writes durations in serialized JSON in seconds, to the millisecond.</summary>
internal sealed class SecondsConverter : JsonConverter<TimeSpan>
{
    public override TimeSpan Read(ref Utf8JsonReader reader, Type typeToConvert, JsonSerializerOptions options) =>
        TimeSpan.FromSeconds(reader.GetDouble());

    public override void Write(Utf8JsonWriter writer, TimeSpan value, JsonSerializerOptions options) =>
        writer.WriteNumberValue(Math.Round(value.TotalSeconds, 3));
}

/// <summary>
/// Converts moments in serialized JSON. Writes seven decimals, like <see cref="TimeText"/>, and keeps the offset. Also reads moments with
/// fewer decimals, which earlier versions wrote.
/// </summary>
internal sealed class MomentConverter : JsonConverter<DateTimeOffset>
{
    public override DateTimeOffset Read(ref Utf8JsonReader reader, Type typeToConvert, JsonSerializerOptions options) =>
        reader.GetDateTimeOffset();

    public override void Write(Utf8JsonWriter writer, DateTimeOffset value, JsonSerializerOptions options)
    {
        ArgumentNullException.ThrowIfNull(writer);
        Span<byte> text = stackalloc byte[TimeText.TimeLength + 2];
        _ = Utf8Formatter.TryFormat(value, text[1..], out _, 'O');
        TimeText.WriteQuoted(writer, text);
    }
}
