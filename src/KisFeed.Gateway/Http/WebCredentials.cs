using System.Net.Http.Headers;
using System.Text;
using KisFeed.Gateway.Consumers;
using KisFeed.Server.Protocol;
using Microsoft.AspNetCore.Http;

namespace KisFeed.Gateway.Http;

/// <summary>
/// Authenticates HTTP requests: <c>Authorization: Basic</c> with app key and app secret, <c>Authorization: Bearer</c> with an approval key,
/// or, because scripts in browsers cannot always set headers, an approval key as the query parameter <c>approval_key</c>.
/// </summary>
internal sealed class WebCredentials(AccessControl access, ApprovalKeys approvalKeys)
{
    public const string Parameter = "approval_key";

    private static readonly UTF8Encoding s_utf8 = new(encoderShouldEmitUTF8Identifier: false, throwOnInvalidBytes: true);

    /// <summary>
    /// Finds the account of a request; <see langword="null"/> if its credentials are missing, wrong or ambiguous. If everybody is admitted,
    /// the shared account, whatever the credentials.
    /// </summary>
    /// <param name="request">The request.</param>
    /// <param name="reason">Why no account was found. The caller counts it.</param>
    public Account? Find(HttpRequest request, out AccessRefusalReason reason)
    {
        reason = AccessRefusalReason.Credentials;
        if (access.Accounts.WithoutCredentials is { } everybody)
            return everybody;
        if (PairOf(request) is var (appKey, appSecret))
            return access.Authenticate(appKey, appSecret, request.HttpContext.Connection.RemoteIpAddress, out reason);
        return ApprovalKeyOf(request) is { } approvalKey
            ? access.FindByApprovalKey(
                approvalKeys.TryGetOwner(approvalKey, out var id) ? id : null, request.HttpContext.Connection.RemoteIpAddress)
            : null;
    }

    private static (string AppKey, string AppSecret)? PairOf(HttpRequest request)
    {
        if (ParameterOf(request, "Basic") is not { } encoded)
            return null;
        string pair;
        try
        {
            pair = s_utf8.GetString(Convert.FromBase64String(encoded));
        }
        catch (Exception e) when (e is FormatException or DecoderFallbackException)
        {
            return null;
        }

        var colon = pair.IndexOf(':', StringComparison.Ordinal);
        return colon < 0 ? null : (pair[..colon], pair[(colon + 1)..]);
    }

    private static string? ApprovalKeyOf(HttpRequest request) =>
        request.Headers.Authorization.Count > 0 ? ParameterOf(request, "Bearer")
        : request.Query[Parameter] is [{ } approvalKey] ? approvalKey
        : null;

    private static string? ParameterOf(HttpRequest request, string scheme) =>
        request.Headers.Authorization is [{ } text]
        && AuthenticationHeaderValue.TryParse(text, out var credentials)
        && credentials.Scheme.Equals(scheme, StringComparison.OrdinalIgnoreCase)
            ? credentials.Parameter
            : null;
}
