using System.Net;
using System.Text;
using System.Text.Json;
using KisFeed.Server.Protocol;
using Microsoft.AspNetCore.WebUtilities;

namespace KisFeed.Server.Http;

/// <summary>The body of a REST request for a key or a token.</summary>
/// <param name="GrantType">What is requested; only <c>client_credentials</c> is supported.</param>
/// <param name="AppKey">The app key.</param>
/// <param name="AppSecret">The app secret, whose member name depends on the request.</param>
/// <param name="Token">The access token to revoke.</param>
internal sealed record OAuthRequest(string? GrantType, string? AppKey, string? AppSecret, string? Token)
{
    /// <summary>
    /// Reads a body, JSON or form-encoded. Ignores its content type: many clients send JSON without one or with that of a form.
    /// </summary>
    /// <param name="body">The body.</param>
    /// <param name="secretName">The name of the app secret in this request.</param>
    /// <param name="cancellationToken">Cancels the read.</param>
    /// <returns><see langword="null"/> if the body is neither a JSON object nor a form.</returns>
    public static async Task<OAuthRequest?> TryReadAsync(Stream body, string secretName, CancellationToken cancellationToken)
    {
        using var buffer = new MemoryStream();
        await body.CopyToAsync(buffer, cancellationToken).ConfigureAwait(false);
        var bytes = buffer.GetBuffer().AsMemory(0, (int)buffer.Length);
        if (bytes.Span.StartsWith(Encoding.UTF8.Preamble))
            bytes = bytes[Encoding.UTF8.Preamble.Length..];
        return bytes.Span.TrimStart(" \t\r\n"u8) is [(byte)'{', ..] ? TryReadJson(bytes, secretName) : TryReadForm(bytes.Span, secretName);
    }

    /// <summary>Validates a request for a key or a token.</summary>
    /// <returns>What is wrong with the request; <see langword="null"/> if it is valid.</returns>
    public OAuthError? Check(ICredentialRules credentials, IPAddress? from, out string owner)
    {
        owner = "";
        if (GrantType is null)
            return OAuthError.GrantTypeMissing;
        return GrantType == "client_credentials" ? CheckCredentials(credentials, from, out owner) : OAuthError.UnsupportedGrantType;
    }

    /// <summary>Validates a request that revokes a token. Tokens are not stored, so any token is accepted.</summary>
    /// <returns>What is wrong with the request; <see langword="null"/> if it is valid.</returns>
    public OAuthError? CheckRevocation(ICredentialRules credentials, IPAddress? from) =>
        string.IsNullOrEmpty(Token) ? OAuthError.InvalidRequest : CheckCredentials(credentials, from, out _);

    /// <summary>Does not reveal the credentials.</summary>
    public override string ToString() => nameof(OAuthRequest);

    private static OAuthRequest? TryReadJson(ReadOnlyMemory<byte> body, string secretName)
    {
        try
        {
            using var document = JsonDocument.Parse(body);
            var root = document.RootElement;
            return root.ValueKind == JsonValueKind.Object ? From(name => TextOf(root, name), secretName) : null;
        }
        catch (Exception e) when (e is JsonException or InvalidOperationException)
        {
            return null;
        }
    }

    private static OAuthRequest? TryReadForm(ReadOnlySpan<byte> body, string secretName)
    {
        if (body.IndexOf((byte)'=') < 0)
            return null;
        var form = QueryHelpers.ParseQuery(Encoding.UTF8.GetString(body));
        return From(name => form.TryGetValue(name, out var values) ? values.ToString() : null, secretName);
    }

    private static OAuthRequest From(Func<string, string?> read, string secretName) =>
        new(read("grant_type"), read("appkey"), read(secretName), read("token"));

    private static string? TextOf(JsonElement root, string name) =>
        root.TryGetProperty(name, out var value) && value.ValueKind == JsonValueKind.String ? value.GetString() : null;

    private OAuthError? CheckCredentials(ICredentialRules credentials, IPAddress? from, out string owner)
    {
        owner = "";
        return AppKey is null ? OAuthError.AppKeyMissing : credentials.Check(AppKey, AppSecret, from, out owner);
    }
}
