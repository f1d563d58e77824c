using System.Buffers.Text;
using System.Globalization;
using System.Text.Json;

namespace KisFeed.Wire;

/// <summary>
/// How times are written, in all outputs alike: always the same number of decimals, so that texts can be compared and cut. When something was received or happened here has seven; what
/// the exchange says, which is whole seconds, has none.
/// </summary>
public static class TimeText
{
    /// <summary>The length of a moment in Korea's time.</summary>
    public const int MomentLength = 33;

    /// <summary>The length of a time at the exchange.</summary>
    public const int ExchangeLength = 25;

    private const string ExchangeFormat = "yyyy-MM-dd'T'HH:mm:sszzz";

    /// <summary>Writes a moment in Korea's time: <c>2026-11-20T09:00:01.1234567+09:00</c>.</summary>
    public static void WriteMoment(Span<byte> room, DateTimeOffset moment) => _ = Utf8Formatter.TryFormat(KoreaTime.From(moment), room, out _, 'O');

    /// <summary>Writes a moment in Korea's time as a member of a JSON object.</summary>
    public static void WriteMoment(Utf8JsonWriter json, ReadOnlySpan<byte> name, DateTimeOffset moment)
    {
        ArgumentNullException.ThrowIfNull(json);
        Span<byte> text = stackalloc byte[MomentLength + 2];
        WriteMoment(text[1..], moment);
        json.WritePropertyName(name);
        WriteQuoted(json, text);
    }

    /// <summary>Writes what the exchange says, in Korea's time: <c>2026-11-20T09:00:01+09:00</c>.</summary>
    public static void WriteExchange(Span<byte> room, DateTimeOffset time) => _ = KoreaTime.From(time).TryFormat(room, out _, ExchangeFormat, CultureInfo.InvariantCulture);

    /// <summary>Writes what the exchange says as a member of a JSON object.</summary>
    public static void WriteExchange(Utf8JsonWriter json, ReadOnlySpan<byte> name, DateTimeOffset time)
    {
        ArgumentNullException.ThrowIfNull(json);
        Span<byte> text = stackalloc byte[ExchangeLength + 2];
        WriteExchange(text[1..], time);
        json.WritePropertyName(name);
        WriteQuoted(json, text);
    }

    /// <summary>A moment in UTC: <c>2026-11-20T00:00:01.1234567Z</c>.</summary>
    public static string Utc(DateTimeOffset moment) => moment.UtcDateTime.ToString("O", CultureInfo.InvariantCulture);

    /// <summary>Writes a time that has room for its quotation marks around it, as it is: encoders that are made for HTML escape the plus sign.</summary>
    internal static void WriteQuoted(Utf8JsonWriter json, Span<byte> text)
    {
        text[0] = text[^1] = (byte)'"';
        json.WriteRawValue(text, skipInputValidation: true);
    }
}
