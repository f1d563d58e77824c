using System.Buffers;
using System.Net;

namespace KisFeed.Server;

/// <summary>
/// Which credentials are good: the ones given, or any of plausible form. The forms are lenient, because the broker documents none:
/// an app key is 6 to 64 letters, digits, hyphens and underscores (the service's are 36 letters and digits), an app secret 6 to 400
/// characters of base64 in either alphabet (the service's are 180). What falls outside is a mix-up, such as the two exchanged, a
/// placeholder or a trailing line break.
/// </summary>
internal sealed class CredentialRules(string? appKey, string? appSecret, string? htsId) : ICredentialRules
{
    private static readonly SearchValues<char> s_keyCharacters =
        SearchValues.Create("0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz-_");

    private static readonly SearchValues<char> s_base64 =
        SearchValues.Create("0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz+/-_=");

    // As the service: a refusal says which of the two is wrong.
    public OAuthError? Check(string candidateKey, string? candidateSecret, IPAddress? from, out string owner)
    {
        owner = candidateKey;
        if (!IsAppKey(candidateKey))
            return OAuthError.InvalidAppKey;
        if (candidateSecret is null)
            return OAuthError.AppSecretMissing;
        return IsAppSecret(candidateSecret) ? null : OAuthError.InvalidAppSecret;
    }

    public bool AcceptsHtsId(string candidate) => htsId is null || string.Equals(candidate, htsId, StringComparison.Ordinal);

    private bool IsAppKey(string candidate) => appKey is null
        ? candidate.Length is >= 6 and <= 64 && !candidate.AsSpan().ContainsAnyExcept(s_keyCharacters)
        : string.Equals(candidate, appKey, StringComparison.Ordinal);

    private bool IsAppSecret(string candidate) => appSecret is null
        ? candidate.Length is >= 6 and <= 400 && !candidate.AsSpan().ContainsAnyExcept(s_base64)
        : string.Equals(candidate, appSecret, StringComparison.Ordinal);
}
