using KisFeed.Feeds;
using KisFeed.Hosting.Tests.Configuration;
using KisFeed.Testing;
using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Options;

namespace KisFeed.Hosting.Tests.Services;

/// <summary>Several clients in one container.</summary>
public sealed class NamedClientTests : IDisposable
{
    private readonly Home _home = new();

    public void Dispose() => _home.Dispose();

    [Fact]
    public async Task Two_accounts_in_one_host_have_clients_and_feeds_of_their_own()
    {
        await using var first = await Simulation.StartAsync();
        await using var second = await Simulation.StartAsync();
        var root = Root(
            ("KisFeed:Clients:second:AppKey", "SECONDAPPKEY00000000000000000000000000"),
            ("KisFeed:Clients:second:AppSecret", Simulation.AppSecret),
            ("KisFeed:Clients:second:WebSocketUrl", second.Server.WebSocketUrl.OriginalString));
        var index = new TaskCompletionSource<string>();
        var program = new TaskCompletionSource<string>();
        using var host = first.CreateHost(services =>
        {
            services.AddSingleton<IConfiguration>(root);
            services.AddSingleton<TwoAccounts>();
            services.AddKisFeed(first.Sources).AddSubscription(IndexTrade.Feed, "0001", (in trade) => index.TrySetResult(trade.Code));
            services.AddKisFeed("second")
                .AddSubscription(ProgramTrade.Consolidated, "005930", (in trade) => program.TrySetResult(trade.Code));
        });

        await Simulation.WithTimeoutAsync(host.StartAsync());
        (await Simulation.WithTimeoutAsync(index.Task)).ShouldBe("0001");
        (await Simulation.WithTimeoutAsync(program.Task)).ShouldBe("005930");

        (first.Server.Statistics.Registrations, second.Server.Statistics.Registrations).ShouldBe((1, 1));
        var accounts = host.Services.GetRequiredService<TwoAccounts>();
        accounts.First.ShouldBeSameAs(host.Services.GetRequiredService<KisFeedClient>());
        accounts.Second.ShouldBeSameAs(host.Services.GetRequiredKeyedService<KisFeedClient>("second"));
        accounts.Second.ShouldNotBeSameAs(accounts.First);
        var options = host.Services.GetRequiredService<IOptionsMonitor<KisFeedOptions>>();
        options.Get("second").ShouldBeSameAs(host.Services.GetRequiredKeyedService<KisFeedConfiguration>("second").Options);
        options.Get("second").ClientName.ShouldBe("second");
        options.CurrentValue.AppKey.ShouldBe(Simulation.AppKey);
        await Simulation.WithTimeoutAsync(host.StopAsync());
        accounts.Second.Completion.IsCompletedSuccessfully.ShouldBeTrue();
    }

    [Theory]
    [InlineData("KisFeed:Clients:second:QueueCapacity", "ten",
        "KisFeed:Clients:second:QueueCapacity is 'ten', which is not a valid QueueCapacity. Use a whole number.")]
    [InlineData("KisFeed:Clients:second:QueueCapacity", "0",
        "KisFeedOptions.QueueCapacity must be positive. It was set by: KisFeed:Clients:second:QueueCapacity.")]
    [InlineData("KisFeed:Clients:second:Capacity", "10", "KisFeed:Clients:second:Capacity is not an option. Valid options: AppKey, ")]
    [InlineData("KisFeed:Clients:second:AppKey", "",
        "KisFeed:Clients:second:AppKey is not set, but KisFeed:Clients:second:AppSecret is")]
    [InlineData("KisFeed:Clients:secund:AppKey", "key",
        "KisFeed:Clients:secund is not the section of a client: add one with AddKisFeed(\"secund\"). Named clients: second.")]
    [InlineData("KisFeed:Clients", "second", "KisFeed:Clients has a value, but takes keys below it")]
    public async Task Mistakes_prevent_the_start_and_are_located(string key, string value, string message)
    {
        var root = Root(
            ("KisFeed:AppKey", "key"),
            ("KisFeed:AppSecret", "secret"),
            ("KisFeed:Clients:second:AppKey", "key2"),
            ("KisFeed:Clients:second:AppSecret", "secret2"),
            (key, value));
        var builder = Host.CreateEmptyApplicationBuilder(new HostApplicationBuilderSettings());
        builder.Services.AddSingleton<IConfiguration>(root);
        builder.Services.AddKisFeed(_home.Sources() with { Section = root.GetSection("KisFeed") });
        builder.Services.AddKisFeed("second");
        using var host = builder.Build();

        (await Should.ThrowAsync<KisFeedConfigurationException>(() => host.StartAsync())).Message.ShouldStartWith(message);
    }

    [Fact]
    public void A_named_client_has_only_its_section_and_code()
    {
        var services = new ServiceCollection();
        services.AddKisFeed("second");
        services.AddKisFeed("third", o => o with { AppKey = "key", AppSecret = "secret", MaxRegistrations = 3 });
        services.AddKisFeed("fourth", Root(("KisFeed:Clients:fourth:QueueCapacity", "4")));
        using var provider = services.BuildServiceProvider();
        var options = provider.GetRequiredService<IOptionsMonitor<KisFeedOptions>>();

        Should.Throw<KisFeedConfigurationException>(() => options.Get("second")).Message
            .ShouldStartWith("AppKey and AppSecret are not set, and there is no configuration");
        options.Get("third").MaxRegistrations.ShouldBe(3);
        Should.Throw<KisFeedConfigurationException>(() => options.Get("fourth")).Message.ShouldBe(
            "KisFeed:Clients:fourth:AppKey and KisFeed:Clients:fourth:AppSecret are not set. "
            + "Set one of these pairs to the app key and the app secret that KIS Developers issued.");
        Should.Throw<KisFeedConfigurationException>(() => options.Get("fifth")).Message
            .ShouldBe("There is no client 'fifth': add it with AddKisFeed(\"fifth\").");
        Should.Throw<KisFeedConfigurationException>(() => options.CurrentValue).Message
            .ShouldStartWith("There is no unnamed client, only these: second, third, fourth.");
        Should.Throw<ArgumentException>(() => services.AddKisFeed("a:b")).Message.ShouldContain("colon");
    }

    /// <summary>Handlers of a program are tested with the client of KisFeed.Testing in the container.</summary>
    [Fact]
    public async Task Another_client_in_the_container_serves_the_declared_feeds()
    {
        await using var client = new InMemoryKisFeedClient();
        List<decimal?> prices = [];
        var builder = Host.CreateEmptyApplicationBuilder(new HostApplicationBuilderSettings());
        builder.Services.AddSingleton<IKisFeedClient>(client);
        builder.Services.AddKisFeed(_home.Sources(), o => o with { AppKey = "key", AppSecret = "secret" })
            .AddSubscription(StockTrade.Krx, "005930", (in trade) => prices.Add(trade.Price));
        using var host = builder.Build();
        await Simulation.WithTimeoutAsync(host.StartAsync());

        client.Publish(StockTrade.Krx, new StockTrade { Code = "005930", Price = 1 }, new StockTrade { Code = "005930", Price = 2 });
        await client.WaitUntilReadAsync();

        prices.ShouldBe([1, 2]);
        await Simulation.WithTimeoutAsync(host.StopAsync());
    }

    private static IConfigurationRoot Root(params (string Key, string Value)[] values)
    {
        var memory = new Dictionary<string, string?>(StringComparer.Ordinal);
        foreach (var (key, value) in values)
            memory[key] = value;
        return new ConfigurationBuilder().AddInMemoryCollection(memory).Build();
    }

    private sealed record TwoAccounts(IKisFeedClient First, [FromKeyedServices("second")] IKisFeedClient Second);
}
