using KisFeed.Hosting;
using Microsoft.Extensions.Options;

namespace KisFeed.Gateway;

/// <summary>
/// Creates the options of the gateway of a client: its section, then code, checked. Options are immutable, so <c>Configure</c> and
/// <c>PostConfigure</c> cannot change them; the function given to <c>AddGateway</c> does.
/// </summary>
internal sealed class GatewayOptionsFactory(
    IServiceProvider services,
    HostedClients clients,
    HostedGateways gateways,
    IOptionsMonitor<KisFeedOptions> clientOptions,
    IEnumerable<IConfigureOptions<GatewayOptions>> setups,
    IEnumerable<IPostConfigureOptions<GatewayOptions>> postConfigures,
    IEnumerable<IValidateOptions<GatewayOptions>> validations) : OptionsFactory<GatewayOptions>(setups, postConfigures, validations)
{
    /// <summary>Returns the options of the gateway of a client.</summary>
    /// <exception cref="KisFeedConfigurationException">An option is not valid. The message says which, where and what to set.</exception>
    protected override GatewayOptions CreateInstance(string name)
    {
        if (clients.Find(name) is not { } feeds || !gateways.Configure.TryGetValue(name, out var functions))
        {
            throw new KisFeedConfigurationException(
                $"There is no gateway of {(name.Length == 0 ? "the unnamed client" : $"the client '{name}'")}: add it with AddGateway().");
        }

        var service = clientOptions.Get(name);
        var section = feeds.SectionIn(services)?.GetSection(SectionSource.Gateway);
        var options = new GatewayOptions
        {
            Upstream = GatewaySource.FromClient(feeds.Resolve<IKisFeedClient>, services, service, feeds.CountKeys(service)),
            TimeProvider = service.TimeProvider,
            LoggerFactory = service.LoggerFactory,
            MeterFactory = service.MeterFactory,
        };
        if (section is not null)
            options = GatewaySection.Read(section, options, KisFeedClient.CatalogOf(service));
        options = functions.Aggregate(options, (current, configure) => configure(current));
        try
        {
            options.Validate();
        }
        catch (ArgumentException e) when (e.ParamName is { } option)
        {
            throw new KisFeedConfigurationException(
                e.Message.Replace($" (Parameter '{option}')", "", StringComparison.Ordinal) + LocationOf(option), e);
        }
        catch (KisFeedConfigurationException e) when (e.Message.StartsWith($"{nameof(ConsumerLimits)}.", StringComparison.Ordinal))
        {
            var limit = e.Message[(nameof(ConsumerLimits).Length + 1)..].Split(' ')[0];
            throw new KisFeedConfigurationException(e.Message + LocationOf($"{nameof(GatewayOptions.Limits)}:{limit}"), e);
        }

        return options;

        string LocationOf(string option) =>
            section?.GetSection(option) is { } place && (place.Value is not null || place.GetChildren().Any())
                ? $". It was set by: {place.Path}."
                : ".";
    }
}
