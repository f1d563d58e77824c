using System.Net;
using KisFeed.Server;

namespace KisFeed.Gateway;

/// <summary>
/// The credentials of consumers as the REST side asks for them. Keys are issued to accounts, and one answer stands for a wrong app key and a wrong secret, so that nobody learns which app keys there are.
/// Where everybody is let in, what cannot be credentials is refused all the same, since that is a mix-up its user wants to know of. Which HTS IDs there are is known upstream alone.
/// </summary>
internal sealed class BrokerCredentialRules(AccessControl access) : ICredentialRules
{
    private readonly CredentialRules _form = new(appKey: null, appSecret: null, htsId: null);

    public OAuthError? Check(string appKey, string? appSecret, IPAddress? from, out string owner)
    {
        owner = "";
        if (appSecret is null)
            return OAuthError.AppSecretMissing;
        if (access.Authenticate(appKey, appSecret, from, out var reason) is not { } account)
        {
            access.Refusals.Add(reason);
            return reason == RefusalReason.TooManyFailures ? OAuthError.TooManyRequests : OAuthError.InvalidAppKey;
        }

        if (!account.Usage.TryRequest())
            return OAuthError.TooManyRequests;
        owner = account.Id;
        return account.Consumer is null ? _form.Check(appKey, appSecret, from, out _) : null;
    }

    public bool AcceptsHtsId(string candidate) => true;
}
