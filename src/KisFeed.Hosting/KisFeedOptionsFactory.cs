using Microsoft.Extensions.Options;

namespace KisFeed.Hosting;

/// <summary>
/// Creates the options that <see cref="IOptions{TOptions}"/> returns: those of the <see cref="KisFeedConfiguration"/> of the client with
/// the name, checked by the library and by the container's validators. Options are immutable, so <c>Configure</c> and
/// <c>PostConfigure</c> cannot change them; the function given to <c>AddKisFeed</c> does.
/// </summary>
internal sealed class KisFeedOptionsFactory(
    IServiceProvider services,
    HostedClients clients,
    IEnumerable<IConfigureOptions<KisFeedOptions>> setups,
    IEnumerable<IPostConfigureOptions<KisFeedOptions>> postConfigures,
    IEnumerable<IValidateOptions<KisFeedOptions>> validations) : OptionsFactory<KisFeedOptions>(setups, postConfigures, validations)
{
    /// <summary>Returns the configured options of a client.</summary>
    /// <exception cref="KisFeedConfigurationException">A value is missing or out of range. The message says
    /// what to set and where.</exception>
    protected override KisFeedOptions CreateInstance(string name)
    {
        var feeds = clients.Find(name) ?? throw new KisFeedConfigurationException(name.Length == 0
            ? $"There is no unnamed client, only these: {string.Join(", ", clients.Names)}. Use one of these names, or call AddKisFeed()."
            : $"There is no client '{name}': add it with AddKisFeed(\"{name}\").");
        var configuration = feeds.Resolve<KisFeedConfiguration>(services);
        configuration.Validate();
        return configuration.Options;
    }
}
