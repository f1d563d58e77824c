using Microsoft.Extensions.Options;

namespace KisFeed.Hosting;

/// <summary>
/// Creates the options that <see cref="IOptions{TOptions}"/> returns: those of the container's <see cref="KisFeedConfiguration"/>, checked
/// by the library and by the container's validators. Options are immutable, so <c>Configure</c> and <c>PostConfigure</c> cannot change
/// them; the function given to <c>AddKisFeed</c> does.
/// </summary>
internal sealed class KisFeedOptionsFactory(
    KisFeedConfiguration configuration,
    IEnumerable<IConfigureOptions<KisFeedOptions>> setups,
    IEnumerable<IPostConfigureOptions<KisFeedOptions>> postConfigures,
    IEnumerable<IValidateOptions<KisFeedOptions>> validations) : OptionsFactory<KisFeedOptions>(setups, postConfigures, validations)
{
    /// <summary>Returns the configured options. A container has one client, so they are the same for every name.</summary>
    /// <exception cref="KisFeedConfigurationException">A value is missing or out of range. The message says
    /// what to set and where.</exception>
    protected override KisFeedOptions CreateInstance(string name)
    {
        configuration.Validate();
        return configuration.Options;
    }
}
