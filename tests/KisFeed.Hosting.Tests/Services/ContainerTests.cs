using System.Diagnostics.Metrics;
using KisFeed.Feeds;
using KisFeed.Hosting.Tests.Configuration;
using KisFeed.TestSupport;
using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Options;

namespace KisFeed.Hosting.Tests.Services;

/// <summary>The services that <c>AddKisFeed</c> registers.</summary>
public sealed class ContainerTests : IDisposable
{
    private readonly Home _home = new();

    public void Dispose() => _home.Dispose();

    [Fact]
    public async Task Without_a_host_the_client_starts_when_resolved_and_ends_with_the_container()
    {
        await using var simulation = await Simulation.StartAsync();
        var services = new ServiceCollection();
        services.AddKisFeed(simulation.Sources);
        KisFeedClient client;
        await using (var provider = services.BuildServiceProvider(new ServiceProviderOptions { ValidateScopes = true }))
        {
            client = provider.GetRequiredService<KisFeedClient>();
            provider.GetRequiredService<KisFeedClient>().ShouldBeSameAs(client);
            await using var kospi = await Simulation.WithTimeoutAsync(client.SubscribeAsync(IndexTrade.Feed, "0001"));
            await foreach (var trade in kospi.ReadAllAsync())
            {
                trade.Code.ShouldBe("0001");
                break;
            }

            client.Completion.IsCompleted.ShouldBeFalse();
        }

        await Simulation.WithTimeoutAsync(client.Completion);
    }

    [Fact]
    public async Task Loggers_meters_and_time_come_from_the_container_unless_set_by_code()
    {
        using var loggers = new RecordingLoggerFactory();
        var clock = new Clock();
        var services = new ServiceCollection();
        services.AddSingleton<ILoggerFactory>(loggers);
        services.AddSingleton<TimeProvider>(clock);
        services.AddMetrics();
        services.AddKisFeed(_home.Sources());
        await using (var provider = services.BuildServiceProvider())
        {
            var options = provider.GetRequiredService<KisFeedConfiguration>().Options;
            options.LoggerFactory.ShouldBeSameAs(loggers);
            options.MeterFactory.ShouldBeSameAs(provider.GetRequiredService<IMeterFactory>());
            options.TimeProvider.ShouldBeSameAs(clock);
        }

        var others = new Clock();
        services.AddKisFeed(o => o with { TimeProvider = others });
        await using (var provider = services.BuildServiceProvider())
            provider.GetRequiredService<KisFeedConfiguration>().Options.TimeProvider.ShouldBeSameAs(others);
    }

    [Fact]
    public async Task A_section_a_root_and_the_configuration_of_the_container_are_supported()
    {
        var root = new ConfigurationBuilder()
            .AddInMemoryCollection(
                [KeyValuePair.Create("KisFeed:QueueCapacity", (string?)"11"), KeyValuePair.Create("Broker:QueueCapacity", (string?)"12")])
            .Build();

        (await CapacityAsync(services => services.AddKisFeed(root))).ShouldBe(11);
        (await CapacityAsync(services => services.AddKisFeed(root.GetSection("Broker")))).ShouldBe(12);
        (await CapacityAsync(services => services.AddSingleton<IConfiguration>(root).AddKisFeed())).ShouldBe(11);
        (await CapacityAsync(services => services.AddKisFeed(root, o => o with { QueueCapacity = o.QueueCapacity * 2 }))).ShouldBe(22);
        (await CapacityAsync(services => services.AddKisFeed())).ShouldBe(10_000);

        // Tests must not read the file of the machine.
        async Task<int> CapacityAsync(Action<IServiceCollection> add)
        {
            var services = new ServiceCollection();
            add(services);
            var feeds = services.AddKisFeed(o => o).Feeds;
            feeds.Sources = (feeds.Sources ?? new KisFeedSources { Section = SectionOf(services) }) with
            {
                HomeFolder = _home.Folder,
                Variable = _ => null,
            };
            await using var provider = services.BuildServiceProvider();
            return provider.GetRequiredService<KisFeedConfiguration>().Options.QueueCapacity;
        }

        static IConfigurationSection? SectionOf(IServiceCollection services) =>
            services.Select(s => s.ImplementationInstance).OfType<IConfiguration>().FirstOrDefault()?.GetSection("KisFeed");
    }

    [Fact]
    public void A_client_without_an_app_key_throws_with_the_missing_settings()
    {
        var services = new ServiceCollection();
        services.AddKisFeed(_home.Sources() with { Section = Home.Section() });
        using var provider = services.BuildServiceProvider();

        Should.Throw<KisFeedConfigurationException>(provider.GetRequiredService<KisFeedClient>).Message.ShouldBe(
            "KisFeed:AppKey and KisFeed:AppSecret are not set, and KISFEED_APPKEY and KISFEED_APPSECRET are not set, and there is no "
            + $"{Home.File} with my_app and my_sec. "
            + "Set one of these pairs to the app key and the app secret that KIS Developers issued.");
    }

    [Fact]
    public void Adding_it_twice_combines_options_and_registers_one_service()
    {
        var services = new ServiceCollection();
        services.AddKisFeed(_home.Sources(), o => o with { QueueCapacity = 5 });
        services.AddKisFeed(o => o with { QueueCapacity = o.QueueCapacity + 1 });
        using var provider = services.BuildServiceProvider();

        provider.GetRequiredService<KisFeedConfiguration>().Options.QueueCapacity.ShouldBe(6);
        services.Count(s => s.ServiceType == typeof(IHostedService)).ShouldBe(1);
        Should.Throw<InvalidOperationException>(() => services.AddKisFeed(_home.Sources()));
    }

    [Fact]
    public void Options_of_the_container_are_the_configured_ones()
    {
        var services = new ServiceCollection();
        services.AddKisFeed(_home.Sources() with { Section = Valid(("QueueCapacity", "11")) }, o => o with { MaxRegistrations = 20 });
        using var provider = services.BuildServiceProvider();
        var options = provider.GetRequiredService<IOptions<KisFeedOptions>>().Value;

        options.QueueCapacity.ShouldBe(11);
        options.MaxRegistrations.ShouldBe(20);
        options.ShouldBeSameAs(provider.GetRequiredService<KisFeedConfiguration>().Options);
        provider.GetRequiredService<IOptionsMonitor<KisFeedOptions>>().CurrentValue.ShouldBeSameAs(options);
    }

    [Fact]
    public void Invalid_options_of_the_container_are_rejected_with_their_source()
    {
        var services = new ServiceCollection();
        services.AddKisFeed(_home.Sources() with { Section = Valid(("QueueCapacity", "0")) });
        using var provider = services.BuildServiceProvider();

        Should.Throw<KisFeedConfigurationException>(() => provider.GetRequiredService<IOptions<KisFeedOptions>>().Value).Message
            .ShouldBe("KisFeedOptions.QueueCapacity must be positive. It was set by: KisFeed:QueueCapacity.");
    }

    [Fact]
    public async Task Invalid_options_prevent_the_host_from_starting()
    {
        using var host = Host(Valid(("WatchdogTimeout", "0s")), _ => { });

        (await Should.ThrowAsync<KisFeedConfigurationException>(() => host.StartAsync())).Message
            .ShouldBe("KisFeedOptions.WatchdogTimeout must be positive and at most a day. It was set by: KisFeed:WatchdogTimeout.");
    }

    [Fact]
    public async Task Validators_of_the_container_prevent_the_host_and_the_client_from_starting()
    {
        using var host = Host(Valid(), services => services.AddOptions<KisFeedOptions>()
            .Validate(o => o.MaxRegistrations <= 20, "This program allows at most 20 registrations."));

        (await Should.ThrowAsync<OptionsValidationException>(() => host.StartAsync())).Message
            .ShouldBe("This program allows at most 20 registrations.");
        Should.Throw<OptionsValidationException>(host.Services.GetRequiredService<KisFeedClient>).OptionsType
            .ShouldBe(typeof(KisFeedOptions));
    }

    [Fact]
    public void Subscriptions_without_a_key_are_rejected_immediately()
    {
        var builder = new ServiceCollection().AddKisFeed(_home.Sources());

        Should.Throw<ArgumentException>(() => builder.AddSubscription(IndexTrade.Feed, " ", (in _) => { }));
        Should.Throw<ArgumentException>(() => builder.AddHandler<ProgramTrade, Collector>(ProgramTrade.Consolidated)).Message
            .ShouldContain("H0UNPGM0 needs at least one key");
        Should.Throw<ArgumentException>(() => builder.AddHandler<ProgramTrade, Collector>(ProgramTrade.Consolidated, "005930", ""));
    }

    private static IConfigurationSection Valid(params (string Key, string Value)[] more) =>
        Home.Section([("AppKey", "app-key"), ("AppSecret", "app-secret"), .. more]);

    private IHost Host(IConfigurationSection section, Action<IServiceCollection> add) => new HostBuilder()
        .ConfigureServices(services =>
        {
            services.AddKisFeed(_home.Sources() with { Section = section });
            add(services);
        })
        .Build();
}
