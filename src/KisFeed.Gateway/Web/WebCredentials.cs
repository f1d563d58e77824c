using System.Net.Http.Headers;
using System.Text;
using KisFeed.Server;
using Microsoft.AspNetCore.Http;

namespace KisFeed.Gateway;

/// <summary>
/// Finds out who asks, by what an HTTP request has with it: <c>Authorization: Basic</c> with app key and app secret, <c>Authorization: Bearer</c> with an approval key, or, since scripts in
/// browsers cannot set headers everywhere, an approval key as <c>approval_key</c> in the address.
/// </summary>
/// <param name="access">Those who may.</param>
/// <param name="approvalKeys">The approval keys, each with the id of its account.</param>
internal sealed class WebCredentials(AccessControl access, ApprovalKeys approvalKeys)
{
    /// <summary>How an approval key is called in an address.</summary>
    public const string Parameter = "approval_key";

    private static readonly UTF8Encoding s_utf8 = new(encoderShouldEmitUTF8Identifier: false, throwOnInvalidBytes: true);

    /// <summary>
    /// The account of a request; <see langword="null"/> where its credentials are nobody's, or it has none, or several. Where everybody is let in, everybody's, and what it has with it is not looked at.
    /// </summary>
    /// <param name="request">The request.</param>
    /// <param name="reason">Why it is nobody's; to be counted by who refuses.</param>
    public Account? Find(HttpRequest request, out RefusalReason reason)
    {
        reason = RefusalReason.Credentials;
        if (access.Accounts.WithoutCredentials is { } everybody)
            return everybody;
        if (PairOf(request) is var (appKey, appSecret))
            return access.Authenticate(appKey, appSecret, request.HttpContext.Connection.RemoteIpAddress, out reason);
        return ApprovalKeyOf(request) is { } approvalKey ? access.FindByApprovalKey(approvalKeys.TryGetOwner(approvalKey, out var id) ? id : null, request.HttpContext.Connection.RemoteIpAddress) : null;
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
        request.Headers.Authorization.Count > 0 ? ParameterOf(request, "Bearer") : request.Query[Parameter] is [{ } approvalKey] ? approvalKey : null;

    private static string? ParameterOf(HttpRequest request, string scheme) =>
        request.Headers.Authorization is [{ } text] && AuthenticationHeaderValue.TryParse(text, out var credentials) && credentials.Scheme.Equals(scheme, StringComparison.OrdinalIgnoreCase)
            ? credentials.Parameter
            : null;
}
