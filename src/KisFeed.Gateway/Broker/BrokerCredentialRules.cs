using System.Net;
using KisFeed.Gateway.Consumers;
using KisFeed.Server.Protocol;

namespace KisFeed.Gateway.Broker;

/// <summary>
/// Checks credentials for the REST endpoints. Approval keys are issued to accounts. A wrong app key and a wrong secret get the same
/// response, so that clients cannot find out which app keys exist. Malformed credentials are refused even if everybody is admitted, because
/// the user has mixed something up. Only upstream knows which HTS IDs exist.
/// </summary>
internal sealed class BrokerCredentialRules(AccessControl access) : ICredentialRules
{
    private readonly CredentialRules _format = new(appKey: null, appSecret: null, htsId: null);

    public OAuthError? Check(string appKey, string? appSecret, IPAddress? from, out string owner)
    {
        owner = "";
        if (appSecret is null)
            return OAuthError.AppSecretMissing;
        if (access.Authenticate(appKey, appSecret, from, out var reason) is not { } account)
        {
            access.Refusals.Add(reason);
            return reason == AccessRefusalReason.TooManyFailures ? OAuthError.TooManyRequests : OAuthError.InvalidAppKey;
        }

        if (!account.Usage.TryRequest())
            return OAuthError.TooManyRequests;
        owner = account.Id;
        return account.Consumer is null ? _format.Check(appKey, appSecret, from, out _) : null;
    }

    public bool AcceptsHtsId(string candidate) => true;
}
