using System.Buffers;
using System.Net;
using Microsoft.AspNetCore.Http;

namespace KisFeed.Server.Protocol;

/// <summary>
/// Accepts the given credentials or, if none are given, any of a plausible form. The form is lenient because the broker documents none:
/// an app key is 6 to 64 letters, digits, hyphens and underscores (the broker's are 36 letters and digits), an app secret 6 to 400
/// characters of base64 in either alphabet (the broker's are 180). Values outside these forms are mistakes, such as swapped credentials, a
/// placeholder or a trailing line break.
/// </summary>
internal sealed class CredentialRules(string? appKey, string? appSecret, string? htsId) : ICredentialRules
{
    private static readonly SearchValues<char> s_keyCharacters =
        SearchValues.Create("0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz-_");

    private static readonly SearchValues<char> s_base64 =
        SearchValues.Create("0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz+/-_=");

    // Like the broker, a refusal says which of the two is wrong.
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

/// <summary>Decides which credentials are valid. Thread-safe.</summary>
internal interface ICredentialRules
{
    /// <summary>Checks an app key and its secret together, so that one place decides how much a refusal reveals.</summary>
    /// <param name="appKey">The app key.</param>
    /// <param name="appSecret">The app secret, or <see langword="null"/> if the request has none.</param>
    /// <param name="from">The address of the client, or <see langword="null"/> if it is unknown.</param>
    /// <param name="owner">The owner of the credentials, to whom keys are issued.</param>
    /// <returns>The refusal, or <see langword="null"/> if the credentials are valid.</returns>
    OAuthError? Check(string appKey, string? appSecret, IPAddress? from, out string owner);

    /// <summary>Whether a well-formed HTS ID has an account.</summary>
    bool AcceptsHtsId(string candidate);
}

/// <summary>An error response of the broker's REST API.</summary>
/// <param name="Status">The HTTP status.</param>
/// <param name="Code">The code (<c>error_code</c>).</param>
/// <param name="Description">The text (<c>error_description</c>).</param>
internal sealed record OAuthError(int Status, string Code, string Description)
{
    public static OAuthError Failure { get; } = new(StatusCodes.Status500InternalServerError, "EGW00001", "일시적으로 오류가 발생했습니다.");

    public static OAuthError InvalidRequest { get; } = new(StatusCodes.Status400BadRequest, "EGW00101", "유효하지 않은 요청입니다.");

    public static OAuthError AppKeyMissing { get; } = new(StatusCodes.Status403Forbidden, "EGW00102", "AppKey는 필수입니다.");

    public static OAuthError InvalidAppKey { get; } = new(StatusCodes.Status403Forbidden, "EGW00103", "유효하지 않은 AppKey입니다.");

    public static OAuthError AppSecretMissing { get; } = new(StatusCodes.Status403Forbidden, "EGW00104", "AppSecret은 필수입니다.");

    public static OAuthError InvalidAppSecret { get; } = new(StatusCodes.Status403Forbidden, "EGW00105", "유효하지 않은 AppSecret입니다.");

    public static OAuthError GrantTypeMissing { get; } = new(StatusCodes.Status403Forbidden, "EGW00115", "권한부여 타입(grant_type)은 필수입니다.");

    public static OAuthError UnsupportedGrantType { get; } =
        new(StatusCodes.Status403Forbidden, "EGW00116", "지원하지 않는 권한부여 타입(grant_type)입니다.");

    public static OAuthError TooManyRequests { get; } = new(StatusCodes.Status403Forbidden, "EGW00201", "초당 거래건수를 초과하였습니다.");
}
