using Microsoft.AspNetCore.Http;

namespace KisFeed.Server;

/// <summary>A refusal of the service's REST side.</summary>
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

    public static OAuthError UnsupportedGrantType { get; } = new(StatusCodes.Status403Forbidden, "EGW00116", "지원하지 않는 권한부여 타입(grant_type)입니다.");

    public static OAuthError TooManyRequests { get; } = new(StatusCodes.Status403Forbidden, "EGW00201", "초당 거래건수를 초과하였습니다.");
}
