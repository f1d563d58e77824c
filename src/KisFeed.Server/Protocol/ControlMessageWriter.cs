using System.Buffers;
using System.Globalization;
using System.Text.Encodings.Web;
using System.Text.Json;
using KisFeed.Wire;

namespace KisFeed.Server.Protocol;

/// <summary>Writes control messages in the broker's format.</summary>
internal static class ControlMessageWriter
{
    private static readonly JsonWriterOptions s_options = new() { Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping };

    public static void WriteRegistered(
        IBufferWriter<byte> output, string trId, string trKey, bool encrypt, ReadOnlySpan<byte> key, ReadOnlySpan<byte> iv) =>
        Write(output, trId, trKey, encrypt, "0", BrokerCode.SubscribeSuccess, "SUBSCRIBE SUCCESS", key, iv);

    public static void WriteReleased(IBufferWriter<byte> output, string trId, string trKey, bool encrypt) =>
        Write(output, trId, trKey, encrypt, "0", BrokerCode.UnsubscribeSuccess, "UNSUBSCRIBE SUCCESS");

    /// <summary>Writes a refusal that names the registration.</summary>
    public static void WriteRefusal(IBufferWriter<byte> output, BrokerCode code, string trId, string trKey) =>
        Write(output, trId, trKey, encrypt: false, Refusal.ResultOf(code), code, Refusal.TextOf(code));

    /// <summary>Writes a refusal that does not name the registration: its TR ID is the text <c>(null)</c>.</summary>
    // The broker's refusal of an HTS ID has nothing else in its header.
    public static void WriteRefusal(IBufferWriter<byte> output, BrokerCode code) =>
        Write(
            output, "(null)", code == BrokerCode.WrongHtsId ? null : "", encrypt: false, Refusal.ResultOf(code), code,
            Refusal.TextOf(code));

    public static void WriteHeartbeat(IBufferWriter<byte> output, DateTimeOffset now)
    {
        using var json = new Utf8JsonWriter(output, s_options);
        json.WriteStartObject();
        json.WriteStartObject("header"u8);
        json.WriteString("tr_id"u8, "PINGPONG"u8);
        json.WriteString("datetime"u8, KoreaTime.From(now).ToString("yyyyMMddHHmmss", CultureInfo.InvariantCulture));
        json.WriteEndObject();
        json.WriteEndObject();
    }

    private static void Write(
        IBufferWriter<byte> output, string trId, string? trKey, bool encrypt, string result, BrokerCode code, string text,
        ReadOnlySpan<byte> key = default, ReadOnlySpan<byte> iv = default)
    {
        using var json = new Utf8JsonWriter(output, s_options);
        json.WriteStartObject();
        json.WriteStartObject("header"u8);
        json.WriteString("tr_id"u8, trId);
        if (trKey is not null)
        {
            json.WriteString("tr_key"u8, trKey);
            json.WriteString("encrypt"u8, encrypt ? "Y"u8 : "N"u8);
        }

        json.WriteEndObject();
        json.WriteStartObject("body"u8);
        json.WriteString("rt_cd"u8, result);
        json.WriteString("msg_cd"u8, code.Value);
        json.WriteString("msg1"u8, text);
        if (!key.IsEmpty)
        {
            json.WriteStartObject("output"u8);
            json.WriteString("iv"u8, iv);
            json.WriteString("key"u8, key);
            json.WriteEndObject();
        }

        json.WriteEndObject();
        json.WriteEndObject();
    }
}
