using System.Buffers;
using System.Globalization;
using System.Text.Encodings.Web;
using System.Text.Json;
using KisFeed.Wire;

namespace KisFeed.Server;

/// <summary>Writes the control messages of the service in the service's own forms.</summary>
internal static class ControlMessageWriter
{
    private static readonly JsonWriterOptions s_options = new() { Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping };

    /// <summary>The acknowledgement of a registration.</summary>
    public static void WriteRegistered(IBufferWriter<byte> output, string trId, string trKey, bool encrypt, ReadOnlySpan<byte> key, ReadOnlySpan<byte> iv)
    {
        using var json = new Utf8JsonWriter(output, s_options);
        WriteBeginning(json, trId, trKey, encrypt);
        WriteResult(json, "0", BrokerCode.SubscribeSuccess, "SUBSCRIBE SUCCESS");
        json.WriteStartObject("output"u8);
        json.WriteString("iv"u8, iv);
        json.WriteString("key"u8, key);
        json.WriteEndObject();
        WriteEnd(json);
    }

    /// <summary>The acknowledgement of a release.</summary>
    public static void WriteReleased(IBufferWriter<byte> output, string trId, string trKey, bool encrypt)
    {
        using var json = new Utf8JsonWriter(output, s_options);
        WriteBeginning(json, trId, trKey, encrypt);
        WriteResult(json, "0", BrokerCode.UnsubscribeSuccess, "UNSUBSCRIBE SUCCESS");
        WriteEnd(json);
    }

    /// <summary>A refusal that names the registration it is about.</summary>
    public static void WriteRefusal(IBufferWriter<byte> output, BrokerCode code, string trId, string trKey)
    {
        using var json = new Utf8JsonWriter(output, s_options);
        WriteBeginning(json, trId, trKey, encrypt: false);
        WriteResult(json, Refusal.ResultOf(code), code, Refusal.TextOf(code));
        WriteEnd(json);
    }

    /// <summary>A refusal that does not say what it is about: the TR ID is the text <c>(null)</c>.</summary>
    public static void WriteRefusal(IBufferWriter<byte> output, BrokerCode code)
    {
        using var json = new Utf8JsonWriter(output, s_options);
        json.WriteStartObject();
        json.WriteStartObject("header"u8);
        json.WriteString("tr_id"u8, "(null)"u8);
        if (code != BrokerCode.WrongHtsId)
        {
            // The refusal of an HTS ID has been seen with nothing else in its header.
            json.WriteString("tr_key"u8, ""u8);
            json.WriteString("encrypt"u8, "N"u8);
        }

        json.WriteEndObject();
        json.WriteStartObject("body"u8);
        WriteResult(json, Refusal.ResultOf(code), code, Refusal.TextOf(code));
        WriteEnd(json);
    }

    /// <summary>A heartbeat.</summary>
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

    private static void WriteBeginning(Utf8JsonWriter json, string trId, string trKey, bool encrypt)
    {
        json.WriteStartObject();
        json.WriteStartObject("header"u8);
        json.WriteString("tr_id"u8, trId);
        json.WriteString("tr_key"u8, trKey);
        json.WriteString("encrypt"u8, encrypt ? "Y"u8 : "N"u8);
        json.WriteEndObject();
        json.WriteStartObject("body"u8);
    }

    private static void WriteResult(Utf8JsonWriter json, string result, BrokerCode code, string text)
    {
        json.WriteString("rt_cd"u8, result);
        json.WriteString("msg_cd"u8, code.Value);
        json.WriteString("msg1"u8, text);
    }

    private static void WriteEnd(Utf8JsonWriter json)
    {
        json.WriteEndObject();
        json.WriteEndObject();
    }
}
