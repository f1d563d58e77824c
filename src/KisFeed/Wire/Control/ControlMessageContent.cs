using System.Security.Cryptography;
using System.Text;
using System.Text.Json;
using System.Text.Unicode;

namespace KisFeed.Wire.Control;

/// <summary>
/// Collects the members of a control message while its JSON is read. Makes texts printable, so that they are safe for logs and terminals.
/// </summary>
internal ref struct ControlMessageContent : IDisposable
{
    private const int MaxSecretLength = 256;

    private string? _trId;
    private string? _trKey;
    private string? _messageCode;
    private string? _text;
    private byte[]? _key;
    private byte[]? _iv;

    public string? DateTime { get; private set; }

    public string? ResultCode { get; private set; }

    public readonly bool IsHeartbeat => _trId == "PINGPONG";

    // { "header": { "tr_id", "tr_key", "datetime", "encrypt" }, "body": { "rt_cd", "msg_cd", "msg1", "output": { "iv", "key" } } }
    public void Read(ref Utf8JsonReader reader)
    {
        if (!reader.Read() || reader.TokenType != JsonTokenType.StartObject)
            throw new JsonException();
        while (ReadName(ref reader))
        {
            if (reader.ValueTextEquals("header"u8))
                ReadObject(ref reader, Part.Header);
            else if (reader.ValueTextEquals("body"u8))
                ReadObject(ref reader, Part.Body);
            else
                reader.Skip();
        }

        if (reader.Read())
            throw new JsonException();
    }

    public BrokerReply ToReply(string resultCode)
    {
        var present = _key is { Length: > 0 } || _iv is { Length: > 0 };
        var noticeKey = present ? NoticeKey.TryCreate(_key, _iv) : null;
        Dispose();
        return new BrokerReply
        {
            TrId = _trId,
            TrKey = _trKey,
            ResultCode = resultCode,
            Code = new BrokerCode(_messageCode ?? ""),
            Text = _text ?? "",
            NoticeKey = noticeKey,
            HasInvalidNoticeKey = present && noticeKey is null,
        };
    }

    public readonly void Dispose()
    {
        CryptographicOperations.ZeroMemory(_key);
        CryptographicOperations.ZeroMemory(_iv);
    }

    private void ReadObject(ref Utf8JsonReader reader, Part part)
    {
        if (!reader.Read() || reader.TokenType == JsonTokenType.Null)
            return;
        if (reader.TokenType != JsonTokenType.StartObject)
        {
            // An output of another form has no key. The rest of the response is still valid.
            if (part != Part.Output)
                throw new JsonException();
            reader.Skip();
            return;
        }

        while (ReadName(ref reader))
            ReadMember(ref reader, part);
    }

    private void ReadMember(ref Utf8JsonReader reader, Part part)
    {
        switch (part)
        {
            case Part.Header when reader.ValueTextEquals("tr_id"u8):
                _trId = ReadText(ref reader)?.Trim().ToUpperInvariant(); // All TR IDs are in capitals; some answers are not.
                break;
            case Part.Header when reader.ValueTextEquals("tr_key"u8):
                _trKey = ReadText(ref reader);
                break;
            case Part.Header when reader.ValueTextEquals("datetime"u8):
                DateTime = ReadText(ref reader);
                break;
            case Part.Body when reader.ValueTextEquals("rt_cd"u8):
                ResultCode = ReadText(ref reader);
                break;
            case Part.Body when reader.ValueTextEquals("msg_cd"u8):
                _messageCode = ReadText(ref reader);
                break;
            case Part.Body when reader.ValueTextEquals("msg1"u8):
                _text = ReadMessage(ref reader);
                break;
            case Part.Body when reader.ValueTextEquals("output"u8):
                ReadObject(ref reader, Part.Output);
                break;
            case Part.Output when reader.ValueTextEquals("key"u8):
                CryptographicOperations.ZeroMemory(_key);
                _key = ReadSecret(ref reader);
                break;
            case Part.Output when reader.ValueTextEquals("iv"u8):
                CryptographicOperations.ZeroMemory(_iv);
                _iv = ReadSecret(ref reader);
                break;
            default:
                reader.Skip();
                break;
        }
    }

    private static bool ReadName(ref Utf8JsonReader reader)
    {
        if (!reader.Read())
            throw new JsonException();
        return reader.TokenType == JsonTokenType.PropertyName;
    }

    private static string? ReadText(ref Utf8JsonReader reader)
    {
        reader.Read();
        switch (reader.TokenType)
        {
            case JsonTokenType.String:
                var text = reader.GetString();
                return text is null or "(null)" or "" ? null : PrintableText.Clean(text);
            case JsonTokenType.Number:
                return Encoding.ASCII.GetString(reader.ValueSpan);
            case JsonTokenType.Null:
                return null;
            default:
                throw new JsonException();
        }
    }

    // A text for people. If it is in the wrong encoding, the code beside it must still be read.
    private static string? ReadMessage(ref Utf8JsonReader reader)
    {
        var ahead = reader;
        ahead.Read();
        if (ahead.TokenType != JsonTokenType.String || Utf8.IsValid(ahead.ValueSpan))
            return ReadText(ref reader);
        reader.Read();
        return PrintableText.Clean(Encoding.UTF8.GetString(reader.ValueSpan));
    }

    // Never a string: strings cannot be cleared.
    private static byte[]? ReadSecret(ref Utf8JsonReader reader)
    {
        reader.Read();
        if (reader.TokenType == JsonTokenType.Null)
            return null;
        if (reader.TokenType != JsonTokenType.String || reader.ValueSpan.Length > MaxSecretLength)
            throw new JsonException();
        Span<byte> buffer = stackalloc byte[MaxSecretLength];
        var length = reader.CopyString(buffer);
        var secret = buffer[..length].SequenceEqual("(null)"u8) ? null : buffer[..length].ToArray();
        CryptographicOperations.ZeroMemory(buffer);
        return secret;
    }

    private enum Part
    {
        Header,
        Body,
        Output,
    }
}
