using System.Net;
using System.Text.Json;

namespace KisFeed.Server;

/// <summary>The body of a REST request for a key or a token.</summary>
/// <param name="GrantType">What is asked for; only <c>client_credentials</c> is known.</param>
/// <param name="AppKey">The app key.</param>
/// <param name="AppSecret">The app secret, under whichever name the request has it.</param>
internal sealed record OAuthRequest(string? GrantType, string? AppKey, string? AppSecret)
{
    /// <summary>Reads a body whatever content type it claims; <see langword="null"/> where it is no JSON object.</summary>
    /// <param name="body">The body.</param>
    /// <param name="secretName">What this request calls the app secret.</param>
    /// <param name="cancellationToken">Ends the reading.</param>
    public static async Task<OAuthRequest?> TryReadAsync(Stream body, string secretName, CancellationToken cancellationToken)
    {
        try
        {
            using var document = await JsonDocument.ParseAsync(body, default, cancellationToken).ConfigureAwait(false);
            var root = document.RootElement;
            return root.ValueKind == JsonValueKind.Object
                ? new OAuthRequest(TextOf(root, "grant_type"), TextOf(root, "appkey"), TextOf(root, secretName))
                : null;
        }
        catch (Exception e) when (e is JsonException or InvalidOperationException)
        {
            return null;
        }
    }

    /// <summary>What is wrong with the request; <see langword="null"/> where nothing is.</summary>
    /// <param name="credentials">Which credentials are good.</param>
    /// <param name="from">Where the request comes from.</param>
    /// <param name="owner">Whose it is.</param>
    public OAuthError? Check(ICredentialRules credentials, IPAddress? from, out string owner)
    {
        owner = "";
        if (GrantType is null)
            return OAuthError.GrantTypeMissing;
        if (GrantType != "client_credentials")
            return OAuthError.UnsupportedGrantType;
        return AppKey is null ? OAuthError.AppKeyMissing : credentials.Check(AppKey, AppSecret, from, out owner);
    }

    /// <summary>Nothing of the credentials.</summary>
    public override string ToString() => nameof(OAuthRequest);

    private static string? TextOf(JsonElement root, string name) =>
        root.TryGetProperty(name, out var value) && value.ValueKind == JsonValueKind.String ? value.GetString() : null;
}
