using System.Buffers;

namespace KisFeed.Simulator.Server;

/// <summary>
/// Which credentials are good: the ones given, or any of plausible form. The forms are lenient, because the broker documents none:
/// an app key is 20 to 64 letters and digits (the service's are 36), an app secret 40 to 400 characters of base64 in either alphabet
/// (the service's are 180). What falls outside is a mix-up, such as the two exchanged, a placeholder or a trailing line break.
/// </summary>
internal sealed class CredentialRules(string? appKey, string? appSecret, string? htsId)
{
    private static readonly SearchValues<char> s_lettersAndDigits =
        SearchValues.Create("0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz");

    private static readonly SearchValues<char> s_base64 =
        SearchValues.Create("0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz+/-_=");

    public bool AcceptsAppKey(string candidate) => appKey is null
        ? candidate.Length is >= 20 and <= 64 && !candidate.AsSpan().ContainsAnyExcept(s_lettersAndDigits)
        : string.Equals(candidate, appKey, StringComparison.Ordinal);

    public bool AcceptsAppSecret(string candidate) => appSecret is null
        ? candidate.Length is >= 40 and <= 400 && !candidate.AsSpan().ContainsAnyExcept(s_base64)
        : string.Equals(candidate, appSecret, StringComparison.Ordinal);

    /// <summary>Whether an HTS ID, already known to be well-formed, has an account.</summary>
    public bool AcceptsHtsId(string candidate) => htsId is null || string.Equals(candidate, htsId, StringComparison.Ordinal);
}
