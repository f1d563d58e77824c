using KisFeed.Cli.Gateways;
using KisFeed.Dashboard.Tests.Browsing;
using KisFeed.Dashboard.Tests.Staging;
using KisFeed.Gateway;
using KisFeed.RabbitMq;
using KisFeed.Wire;

namespace KisFeed.Dashboard.Tests;

/// <summary>The page of an edge gateway, whose data come from a cluster.</summary>
[Trait(TestRun.Length, TestRun.Long)]
public sealed class EdgeTests(Chromium chromium) : DashboardTests(chromium)
{
    [Fact]
    public async Task Values_that_a_cluster_distributes_are_shown_and_updated()
    {
        await using var node = await RabbitNode.StartAsync();
        var cluster = new RabbitMqClusterOptions { Nodes = [node.Address], Partitions = 2 };
        GatewayKey[] keys = [.. DemoTargets.Keys.Where(key => !key.Feed.IsNotice)];
        Ingest? ingest = null;
        await using var host = await DashboardHost.OpenAsync(gateway: options =>
        {
            ingest = new Ingest(options.Upstream.Service!, cluster);
            var source = GatewaySource.FromFrames(
                _ => RabbitMqSource.Start(new RabbitMqSourceOptions { Cluster = cluster, Demand = ingest }),
                options.Upstream.Environment,
                options.Upstream.MaxRegistrations,
                options.TimeProvider);
            return options with { Keep = keys, DashboardKeys = keys, Upstream = source };
        });
        await using var ended = ingest!;
        await VisitAsync(host, async viewer =>
        {
            foreach (var value in new[]
            {
                Viewer.Field(viewer.Index("0001"), "price"),
                Viewer.Field(viewer.Bond("KR103502GA34"), "time"),
                viewer.Program("005930"),
            })
            {
                await Expect(value).Not.ToBeEmptyAsync();
                await Viewer.WaitForChangeAsync(value);
            }

            await Expect(viewer.Page.Locator("#source")).ToHaveAttributeAsync("data-source", "simulation");
        });
    }

    /// <summary>A session that publishes what the edge wants.</summary>
    private sealed class Ingest : IKeyDemand, IAsyncDisposable
    {
        private readonly KisFeedClient _client;
        private readonly RabbitMqPublisher _publisher;

        public Ingest(KisFeedOptions upstream, RabbitMqClusterOptions cluster)
        {
            _client = KisFeedClient.Start(upstream);
            _publisher = RabbitMqPublisher.Start(_client, new RabbitMqPublisherOptions { Cluster = cluster, Source = "ingest" });
        }

        public event EventHandler<KeyRefusedEventArgs>? Refused
        {
            add { }
            remove { }
        }

        public async Task<uint> AddAsync(FeedSchema feed, string key, CancellationToken cancellationToken)
        {
            await _publisher.AddAsync(feed, key, cancellationToken: cancellationToken);
            return 0;
        }

        public Task RemoveAsync(FeedSchema feed, string key) => _publisher.RemoveAsync(feed, key);

        public async ValueTask DisposeAsync()
        {
            await _publisher.DisposeAsync();
            await _client.DisposeAsync();
        }
    }
}
