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

    public static void WriteRegistered(IBufferWriter<byte> output, string trId, string trKey, bool encrypt, ReadOnlySpan<byte> key, ReadOnlySpan<byte> iv) =>
        Write(output, trId, trKey, encrypt, "0", BrokerCode.SubscribeSuccess, "SUBSCRIBE SUCCESS", key, iv);

    public static void WriteReleased(IBufferWriter<byte> output, string trId, string trKey, bool encrypt) =>
        Write(output, trId, trKey, encrypt, "0", BrokerCode.UnsubscribeSuccess, "UNSUBSCRIBE SUCCESS");

    /// <summary>Writes a refusal that names the registration.</summary>
    public static void WriteRefusal(IBufferWriter<byte> output, BrokerCode code, string trId, string trKey) =>
        Write(output, trId, trKey, encrypt: false, Refusal.ResultOf(code), code, Refusal.TextOf(code));

    /// <summary>Writes a refusal that does not name the registration: its TR ID is the text <c>(null)</c>.</summary>
    // The broker's refusal of an HTS ID has nothing else in its header.
    public static void WriteRefusal(IBufferWriter<byte> output, BrokerCode code) =>
        Write(output, "(null)", code == BrokerCode.WrongHtsId ? null : "", encrypt: false, Refusal.ResultOf(code), code, Refusal.TextOf(code));

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
        IBufferWriter<byte> output, string trId, string? trKey, bool encrypt, string result, BrokerCode code, string text, ReadOnlySpan<byte> key = default, ReadOnlySpan<byte> iv = default)
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
