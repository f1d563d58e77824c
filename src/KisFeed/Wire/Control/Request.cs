using System.Buffers;
using System.Text.Encodings.Web;
using System.Text.Json;

namespace KisFeed.Wire.Control;

/// <summary>A client's request to register or release a key of a feed.</summary>
/// <param name="ApprovalKey">The approval key of the session. Secret.</param>
/// <param name="CustomerType">The type of the app key's owner.</param>
/// <param name="Type">Register or release.</param>
/// <param name="TrId">The TR ID.</param>
/// <param name="TrKey">The key within the feed.</param>
internal readonly record struct Request(string ApprovalKey, CustomerType CustomerType, RequestType Type, string TrId, string TrKey)
{
    private static readonly JsonWriterOptions s_options = new() { Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping };

    public void Write(IBufferWriter<byte> output)
    {
        using var json = new Utf8JsonWriter(output, s_options);
        json.WriteStartObject();
        json.WriteStartObject("header"u8);
        json.WriteString("approval_key"u8, ApprovalKey);
        json.WriteString("custtype"u8, CustomerType == CustomerType.Business ? "B"u8 : "P"u8);
        json.WriteString("tr_type"u8, Type == RequestType.Release ? "2"u8 : "1"u8);
        json.WriteString("content-type"u8, "utf-8"u8);
        json.WriteEndObject();
        json.WriteStartObject("body"u8);
        json.WriteStartObject("input"u8);
        json.WriteString("tr_id"u8, TrId);
        json.WriteString("tr_key"u8, TrKey);
        json.WriteEndObject();
        json.WriteEndObject();
        json.WriteEndObject();
    }

    /// <summary>Parses a request on the server side.</summary>
    /// <param name="utf8">The text received.</param>
    /// <param name="request">The request.</param>
    /// <param name="refusal">The code with which the broker refuses a malformed request.</param>
    /// <param name="allowNumbers">Whether <c>tr_type</c> and <c>tr_key</c> may be JSON numbers, which the broker does not document.</param>
    public static bool TryParse(ReadOnlyMemory<byte> utf8, out Request request, out BrokerCode refusal, bool allowNumbers = false)
    {
        request = default;
        try
        {
            using var document = JsonDocument.Parse(utf8);
            return TryRead(document.RootElement, allowNumbers, out request, out refusal);
        }
        catch (Exception e) when (e is JsonException or InvalidOperationException)
        {
            refusal = BrokerCode.InvalidJson;
            return false;
        }
    }

    /// <summary>Returns the request without its approval key.</summary>
    public override string ToString() => $"Request {{ {Type} {TrId} }}";

    private static bool TryRead(JsonElement root, bool allowNumbers, out Request request, out BrokerCode refusal)
    {
        request = default;
        if (!TryGetObject(root, "header", out var header))
            return Refuse(BrokerCode.HeaderMissing, out refusal);
        if (!TryGetObject(root, "body", out var body))
            return Refuse(BrokerCode.BodyMissing, out refusal);
        if (!TryGetObject(body, "input", out var input))
            return Refuse(BrokerCode.InputMissing, out refusal);
        if (Text(header, "approval_key") is not { Length: > 0 } approvalKey)
            return Refuse(BrokerCode.ApprovalKeyMissing, out refusal);
        if (Text(header, "custtype") is not { Length: > 0 } customerType)
            return Refuse(BrokerCode.CustomerTypeMissing, out refusal);
        if (customerType is not ("P" or "B"))
            return Refuse(BrokerCode.InvalidCustomerType, out refusal);
        var type = Text(header, "tr_type", allowNumbers);
        if (type is not ("1" or "2"))
            return Refuse(BrokerCode.InvalidRequestType, out refusal);
        if (Text(input, "tr_id") is not { Length: > 0 } trId)
            return Refuse(BrokerCode.InvalidTrId, out refusal);
        if (Text(input, "tr_key", allowNumbers) is not { Length: > 0 } trKey)
            return Refuse(BrokerCode.TrKeyMissing, out refusal);

        request = new Request(
            approvalKey,
            customerType == "B" ? CustomerType.Business : CustomerType.Person,
            type == "2" ? RequestType.Release : RequestType.Register,
            trId,
            trKey);
        refusal = default;
        return true;
    }

    private static bool Refuse(BrokerCode code, out BrokerCode refusal)
    {
        refusal = code;
        return false;
    }

    private static bool TryGetObject(JsonElement parent, string name, out JsonElement value)
    {
        value = default;
        return parent.ValueKind == JsonValueKind.Object
            && parent.TryGetProperty(name, out value)
            && value.ValueKind == JsonValueKind.Object;
    }

    private static string? Text(JsonElement parent, string name, bool allowNumbers = false) => parent.TryGetProperty(name, out var value)
        ? value.ValueKind switch
        {
            JsonValueKind.String => value.GetString(),
            JsonValueKind.Number when allowNumbers => value.GetRawText(),
            _ => null,
        }
        : null;
}

/// <summary>The type of a request (<c>tr_type</c>).</summary>
internal enum RequestType
{
    /// <summary>1: register (등록).</summary>
    Register = 1,

    /// <summary>2: release (해제).</summary>
    Release = 2,
}
