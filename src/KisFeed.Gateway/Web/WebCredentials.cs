using System.Net.Http.Headers;
using System.Text;
using KisFeed.Server;
using Microsoft.AspNetCore.Http;

namespace KisFeed.Gateway;

/// <summary>
/// Finds out who asks, by what an HTTP request has with it: <c>Authorization: Basic</c> with app key and app secret, <c>Authorization: Bearer</c> with an approval key, or, since scripts in
/// browsers cannot set headers everywhere, an approval key as <c>approval_key</c> in the address.
/// </summary>
/// <param name="accounts">Those who may.</param>
/// <param name="approvalKeys">The approval keys, each with the id of its account.</param>
internal sealed class WebCredentials(Accounts accounts, ApprovalKeys approvalKeys)
{
    /// <summary>How an approval key is called in an address.</summary>
    public const string Parameter = "approval_key";

    private static readonly UTF8Encoding s_utf8 = new(encoderShouldEmitUTF8Identifier: false, throwOnInvalidBytes: true);

    /// <summary>
    /// The account of a request; <see langword="null"/> where its credentials are nobody's, or it has none, or several. Where everybody is let in, everybody's, and what it has with it is not looked at.
    /// </summary>
    public Account? Find(HttpRequest request)
    {
        if (accounts.WithoutCredentials is { } everybody)
            return everybody;
        var header = request.Headers.Authorization;
        if (header.Count == 0)
            return request.Query[Parameter] is [{ } approvalKey] ? OfApprovalKey(approvalKey) : null;
        if (header is not [{ } text] || !AuthenticationHeaderValue.TryParse(text, out var credentials) || credentials.Parameter is not { } parameter)
            return null;
        if (credentials.Scheme.Equals("Bearer", StringComparison.OrdinalIgnoreCase))
            return OfApprovalKey(parameter);
        return credentials.Scheme.Equals("Basic", StringComparison.OrdinalIgnoreCase) ? OfPair(parameter) : null;
    }

    private Account? OfApprovalKey(string approvalKey) => approvalKeys.TryGetAppKey(approvalKey, out var id) ? accounts.Find(id) : null;

    private Account? OfPair(string encoded)
    {
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
        return colon < 0 ? null : accounts.Authenticate(pair[..colon], pair[(colon + 1)..]);
    }
}
