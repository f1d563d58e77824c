using System.Globalization;
using System.Runtime.CompilerServices;
using KisFeed.Benchmarks.Comparing;
using KisFeed.Benchmarks.Fanout;
using KisFeed.Benchmarks.Serving;
using KisFeed.Feeds;

namespace KisFeed.Benchmarks.Memory;

/// <summary>What a subscription of the library and an idle consumer of the gateway take. Nobody to compete with: limits are absolute.</summary>
internal sealed class MemoryContest : IContest
{
    private const int Subscriptions = 1_000;
    private const int FirstSubscriptions = 50;
    private const int Consumers = 400;
    private const int FirstConsumers = 50;
    private const int SmallBuffer = 4 * 1024;
    private const double MostOfConsumer = 64;

    // The last long enough for a heartbeat on each connection.
    private static readonly TimeSpan s_short = TimeSpan.FromSeconds(3);
    private static readonly TimeSpan s_long = TimeSpan.FromSeconds(12);

    private delegate Task<FeedSubscription> Subscribing(KisFeedClient client, string key, CancellationToken cancellationToken);

    public string Name => "memory";

    public string Description => "bytes of a subscription, and of an idle consumer of the gateway";

    public async IAsyncEnumerable<Comparison> RunAsync(Rounds rounds, [EnumeratorCancellation] CancellationToken cancellationToken)
    {
        await using var market = await ServerProcess.StartOwnAsync([PacedMarketCommand.Word, "1"], cancellationToken);
        var standings = await rounds.RunAsync(
            $"memory: a subscription of the library, the mean of {Subscriptions}",
            [
                Contestant("typed, called back", static async (client, key, ending) => await client.SubscribeAsync(IndexTrade.Feed, key, Ignore, cancellationToken: ending)),
                Contestant("typed, to be read", static async (client, key, ending) => await client.SubscribeAsync(IndexTrade.Feed, key, ending)),
                Contestant("frames, to be read", static async (client, key, ending) => await client.SubscribeAsync(IndexTrade.Feed.Schema, key, ending)),
            ],
            count: 2,
            cancellationToken);
        yield return new Comparison($"memory: a subscription of the library, the mean of {Subscriptions}", standings, [], []);

        var idle = await Task.WhenAll(
            MeasureIdleAsync("broker's protocol", OpenBrokerAsync, cancellationToken),
            MeasureIdleAsync("server-sent events", OpenStreamAsync, cancellationToken));
        yield return new Comparison(
            $"memory: an idle consumer of the gateway, the mean of {Consumers}",
            idle,
            [.. idle.Select(s => new Target($"an idle consumer, {s.Name}", s["memory of the process"], " KiB", Bound.AtMost, MostOfConsumer))],
            ["Each of a gateway of its own, beyond the first 50, which bring code and pools that all share; with a heartbeat on each."]);

        Contestant Contestant(string name, Subscribing subscribeAsync) => new(name, ending => MeasureSubscriptionsAsync(market.Url, subscribeAsync, ending));
    }

    private static async Task<IReadOnlyList<Figure>> MeasureSubscriptionsAsync(Uri url, Subscribing subscribeAsync, CancellationToken cancellationToken)
    {
        await using var client = await KisFeedClient.ConnectAsync(
            new KisFeedOptions
            {
                AppKey = "MEMORYAPPKEY000000000000000000000000",
                AppSecret = new string('s', 180),
                WebSocketUrl = url,
                RestUrl = new UriBuilder(url) { Scheme = "http" }.Uri,
                MaxRegistrations = FirstSubscriptions + Subscriptions,
                RequestInterval = TimeSpan.Zero,
            },
            cancellationToken);
        var kept = new FeedSubscription[FirstSubscriptions + Subscriptions];
        await SubscribeAsync(0, FirstSubscriptions);
        var before = Heap();
        await SubscribeAsync(FirstSubscriptions, Subscriptions);
        var grown = Heap() - before;
        GC.KeepAlive(kept);
        return [new("managed memory", "KiB", grown / 1024.0 / Subscriptions)];

        async Task SubscribeAsync(int first, int count)
        {
            for (var i = first; i < first + count; i++)
                kept[i] = await subscribeAsync(client, string.Create(CultureInfo.InvariantCulture, $"{i:D4}"), cancellationToken);
        }
    }

    private static long Heap()
    {
        GC.Collect();
        GC.WaitForPendingFinalizers();
        return GC.GetTotalMemory(forceFullCollection: true);
    }

    private static async Task<Standing> MeasureIdleAsync(string name, Func<FanoutServer, CancellationToken, Task<IDisposable>> openAsync, CancellationToken cancellationToken)
    {
        await using var gateway = await FanoutServer.StartGatewayAsync(cancellationToken);
        List<IDisposable> consumers = [];
        try
        {
            await OpenAsync(FirstConsumers, s_short);
            var (all, own) = (gateway.Process.Memory("VmRSS"), gateway.Process.Memory("RssAnon"));
            await OpenAsync(Consumers, s_long);
            return new Standing(name, [new("memory of the process", "KiB", Each(gateway.Process.Memory("VmRSS") - all)), new("without mapped files", "KiB", Each(gateway.Process.Memory("RssAnon") - own))]);
        }
        finally
        {
            consumers.ForEach(static c => c.Dispose());
        }

        async Task OpenAsync(int count, TimeSpan settling)
        {
            for (var i = 0; i < count; i++)
                consumers.Add(await openAsync(gateway, cancellationToken));
            await Task.Delay(settling, cancellationToken);
        }
    }

    private static double Each(long bytes) => bytes / 1024.0 / Consumers;

    private static async Task<IDisposable> OpenBrokerAsync(FanoutServer gateway, CancellationToken cancellationToken) => await FanoutConsumer.ConnectAsync(gateway, SmallBuffer, cancellationToken);

    private static async Task<IDisposable> OpenStreamAsync(FanoutServer gateway, CancellationToken cancellationToken) => await IdleStream.ConnectAsync(gateway.Port, cancellationToken);

    private static void Ignore(in IndexTrade record)
    {
        // What it does is not measured.
    }
}
