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

    public static void WriteReleased(IBufferWriter<byte> output, string trId, string trKey, bool encrypt)
    {
        using var json = new Utf8JsonWriter(output, s_options);
        WriteBeginning(json, trId, trKey, encrypt);
        WriteResult(json, "0", BrokerCode.UnsubscribeSuccess, "UNSUBSCRIBE SUCCESS");
        WriteEnd(json);
    }

    /// <summary>Writes a refusal that names the registration.</summary>
    public static void WriteRefusal(IBufferWriter<byte> output, BrokerCode code, string trId, string trKey)
    {
        using var json = new Utf8JsonWriter(output, s_options);
        WriteBeginning(json, trId, trKey, encrypt: false);
        WriteResult(json, Refusal.ResultOf(code), code, Refusal.TextOf(code));
        WriteEnd(json);
    }

    /// <summary>Writes a refusal that does not name the registration: its TR ID is the text <c>(null)</c>.</summary>
    public static void WriteRefusal(IBufferWriter<byte> output, BrokerCode code)
    {
        using var json = new Utf8JsonWriter(output, s_options);
        json.WriteStartObject();
        json.WriteStartObject("header"u8);
        json.WriteString("tr_id"u8, "(null)"u8);
        if (code != BrokerCode.WrongHtsId)
        {
            // The broker's refusal of an HTS ID has nothing else in its header.
            json.WriteString("tr_key"u8, ""u8);
            json.WriteString("encrypt"u8, "N"u8);
        }

        json.WriteEndObject();
        json.WriteStartObject("body"u8);
        WriteResult(json, Refusal.ResultOf(code), code, Refusal.TextOf(code));
        WriteEnd(json);
    }

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

/// <summary>The texts and results of the broker's refusals.</summary>
internal static class Refusal
{
    public static string TextOf(BrokerCode code) => code.Value switch
    {
        "OPSP0002" => "ALREADY IN SUBSCRIBE",
        "OPSP0003" => "UNSUBSCRIBE ERROR (not found!)",
        "OPSP0007" => "SUBSCRIBE INTERNAL ERROR",
        "OPSP0008" => "MAX SUBSCRIBE OVER",
        "OPSP0009" => "SUBSCRIBE ERROR : mci send failed",
        "OPSP0010" => "SUBSCRIBE WARNING : invalid appkey",
        "OPSP0011" => "invalid approval(appkey) : NOT FOUND",
        "OPSP0017" => "ERROR : htsid가잘못되었습니다",
        "OPSP8991" => "SUBSCRIBE ERROR : invalid tr_id",
        "OPSP8992" => "SUBSCRIBE ERROR : invalid tr_key",
        "OPSP8996" => "ALREADY IN USE appkey",
        "OPSP8997" => "JSON PARSING ERROR : invalid tr_type",
        "OPSP8998" => "JSON PARSING ERROR : invalid custtype",
        "OPSP9990" => "JSON PARSING ERROR : tr_key not found",
        "OPSP9991" => "JSON PARSING ERROR : input not found",
        "OPSP9992" => "JSON PARSING ERROR : body not found",
        "OPSP9996" => "JSON PARSING ERROR : appkey not found",
        "OPSP9997" => "JSON PARSING ERROR : custtype not found",
        "OPSP9998" => "JSON PARSING ERROR : header not found",
        "OPSP9999" => "JSON PARSING ERROR : invalid json format",
        _ => "JSON PARSING ERROR : internal error",
    };

    /// <summary>Whether a refusal with this code names the registration.</summary>
    public static bool NamesRequest(BrokerCode code) =>
        code.Meaning is not (BrokerCodeMeaning.AppKeyInUse or BrokerCodeMeaning.BadCredentials or BrokerCodeMeaning.UnknownApprovalKey or BrokerCodeMeaning.WrongHtsId or BrokerCodeMeaning.MalformedRequest);

    /// <summary>The result (<c>rt_cd</c>) that goes with a code: 1 if the request is valid but was not executed, 9 if it is invalid.</summary>
    public static string ResultOf(BrokerCode code) => code.Value switch
    {
        "OPSP0017" => "9",
        ['O', 'P', 'S', 'P', '0', ..] => "1",
        _ => "9",
    };
}
