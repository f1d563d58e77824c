using KisFeed.Server;

namespace KisFeed.Gateway;

/// <summary>The credentials of consumers as sessions ask for them. Which HTS IDs there are is known upstream alone.</summary>
internal sealed class BrokerCredentialRules(IConsumers consumers) : ICredentialRules
{
    public bool AcceptsAppKey(string candidate) => consumers.HasAppKey(candidate);

    public bool AcceptsAppSecret(string owner, string candidate) => consumers.HasSecret(owner, candidate);

    public bool AcceptsHtsId(string candidate) => true;
}
