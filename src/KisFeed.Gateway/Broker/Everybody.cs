using KisFeed.Server;
using KisFeed.Wire;

namespace KisFeed.Gateway;

/// <summary>Lets everybody have everything, with any credentials of plausible form. Fit for a gateway that only this machine can reach.</summary>
internal sealed class Everybody : IConsumers
{
    private readonly CredentialRules _form = new(appKey: null, appSecret: null, htsId: null);

    public bool IsOpen => true;

    public bool HasAppKey(string appKey) => _form.AcceptsAppKey(appKey);

    public bool HasSecret(string appKey, string appSecret) => _form.AcceptsAppSecret(appKey, appSecret);

    public BrokerCode? Check(string appKey, FeedSchema feed) => null;
}
