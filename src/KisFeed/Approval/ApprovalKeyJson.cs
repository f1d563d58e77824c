using System.Text.Json;
using System.Text.Json.Serialization;

namespace KisFeed.Approval;

/// <summary>Approval keys by holder, as JSON: <c>{"keys":[{"holder":"…","approvalKey":"…","issuedAt":"…"}]}</c>.</summary>
[JsonSourceGenerationOptions(
    PropertyNamingPolicy = JsonKnownNamingPolicy.CamelCase, DefaultIgnoreCondition = JsonIgnoreCondition.WhenWritingDefault,
    WriteIndented = true, RespectNullableAnnotations = true, RespectRequiredConstructorParameters = true)]
[JsonSerializable(typeof(StoredApprovalKeys))]
internal sealed partial class ApprovalKeyJson : JsonSerializerContext
{
    public static byte[] Write(Dictionary<string, IssuedApprovalKey> keys) => JsonSerializer.SerializeToUtf8Bytes(
        new StoredApprovalKeys([.. keys.Select(k => new StoredApprovalKey(k.Key, k.Value.Key, k.Value.IssuedAt, k.Value.HasServerEvents))]),
        Default.StoredApprovalKeys);

    /// <summary>Reads the keys; returns <see langword="null"/> if the content is not in the expected format.</summary>
    public static Dictionary<string, IssuedApprovalKey>? TryRead(byte[] json)
    {
        try
        {
            return JsonSerializer.Deserialize(json, Default.StoredApprovalKeys) is { Keys: var keys }
                && Array.TrueForAll(keys, static key => key is { Holder.Length: > 0, ApprovalKey.Length: > 0 })
                ? keys.ToDictionary(
                    static key => key.Holder,
                    static key => new IssuedApprovalKey(key.ApprovalKey, key.IssuedAt, key.ServerEvents),
                    StringComparer.Ordinal)
                : null;
        }
        catch (Exception e) when (e is JsonException or ArgumentException)
        {
            // Not JSON; or a member is missing or has the wrong type or format; or a holder appears twice.
            return null;
        }
    }
}

internal sealed record StoredApprovalKeys(StoredApprovalKey[] Keys);

internal sealed record StoredApprovalKey(string Holder, string ApprovalKey, DateTimeOffset IssuedAt, bool ServerEvents = false)
{
    // The key is secret.
    public override string ToString() => nameof(StoredApprovalKey);
}
