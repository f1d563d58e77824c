using System.Globalization;
using System.Runtime.CompilerServices;
using KisFeed.Benchmarks.Comparing;
using KisFeed.Benchmarks.Fanout;
using KisFeed.Benchmarks.Serving;
using KisFeed.Feeds;

namespace KisFeed.Benchmarks.Memory;

/// <summary>The memory of a subscription of the library and of an idle consumer of the gateway. There is no baseline: limits are absolute.</summary>
internal sealed class MemorySuite : IBenchmarkSuite
{
    private const int Subscriptions = 1_000;
    private const int FirstSubscriptions = 50;
    private const int Consumers = 400;
    private const int FirstConsumers = 50;
    private const int SmallBuffer = 4 * 1024;
    private const double MaxConsumerKiB = 64;

    // The long one suffices for a heartbeat on each connection.
    private static readonly TimeSpan s_short = TimeSpan.FromSeconds(3);
    private static readonly TimeSpan s_long = TimeSpan.FromSeconds(12);

    private delegate Task<FeedSubscription> Subscribing(KisFeedClient client, string key, CancellationToken cancellationToken);

    public string Name => "memory";

    public string Description => "bytes of a subscription, and of an idle consumer of the gateway";

    public async IAsyncEnumerable<Comparison> RunAsync(Rounds rounds, [EnumeratorCancellation] CancellationToken cancellationToken)
    {
        await using var market = await ServerProcess.StartOwnAsync([PacedMarketCommand.Word, "1"], cancellationToken);
        var results = await rounds.RunAsync(
            $"memory: a subscription of the library, the mean of {Subscriptions}",
            [
                Candidate("typed, called back", static async (client, key, ending) => await client.SubscribeAsync(IndexTrade.Feed, key, Ignore, cancellationToken: ending)),
                Candidate("typed, to be read", static async (client, key, ending) => await client.SubscribeAsync(IndexTrade.Feed, key, ending)),
                Candidate("frames, to be read", static async (client, key, ending) => await client.SubscribeAsync(IndexTrade.Feed.Schema, key, ending)),
            ],
            count: 2,
            cancellationToken);
        yield return new Comparison($"memory: a subscription of the library, the mean of {Subscriptions}", results, [], []);

        var idle = await Task.WhenAll(
            MeasureIdleAsync("broker's protocol", OpenBrokerAsync, cancellationToken),
            MeasureIdleAsync("server-sent events", OpenStreamAsync, cancellationToken));
        yield return new Comparison(
            $"memory: an idle consumer of the gateway, the mean of {Consumers}",
            idle,
            [.. idle.Select(s => new Target($"an idle consumer, {s.Name}", s["memory of the process"], " KiB", Bound.AtMost, MaxConsumerKiB))],
            ["Each kind has its own gateway. The first 50 consumers are not counted, because they create shared code and pools. Each consumer has received a heartbeat."]);

        Candidate Candidate(string name, Subscribing subscribeAsync) => new(name, ending => MeasureSubscriptionsAsync(market.Url, subscribeAsync, ending));
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
        var subscriptions = new FeedSubscription[FirstSubscriptions + Subscriptions];
        await SubscribeAsync(0, FirstSubscriptions);
        var before = Heap();
        await SubscribeAsync(FirstSubscriptions, Subscriptions);
        var growth = Heap() - before;
        GC.KeepAlive(subscriptions);
        return [new("managed memory", "KiB", growth / 1024.0 / Subscriptions)];

        async Task SubscribeAsync(int first, int count)
        {
            for (var i = first; i < first + count; i++)
                subscriptions[i] = await subscribeAsync(client, string.Create(CultureInfo.InvariantCulture, $"{i:D4}"), cancellationToken);
        }
    }

    private static long Heap()
    {
        GC.Collect();
        GC.WaitForPendingFinalizers();
        return GC.GetTotalMemory(forceFullCollection: true);
    }

    private static async Task<CandidateResult> MeasureIdleAsync(string name, Func<FanoutServer, CancellationToken, Task<IDisposable>> openAsync, CancellationToken cancellationToken)
    {
        await using var gateway = await FanoutServer.StartGatewayAsync(cancellationToken);
        List<IDisposable> consumers = [];
        try
        {
            await OpenAsync(FirstConsumers, s_short);
            var (all, own) = (gateway.Process.Memory("VmRSS"), gateway.Process.Memory("RssAnon"));
            await OpenAsync(Consumers, s_long);
            return new CandidateResult(name, [new("memory of the process", "KiB", Each(gateway.Process.Memory("VmRSS") - all)), new("without mapped files", "KiB", Each(gateway.Process.Memory("RssAnon") - own))]);
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
        // The callback is not measured.
    }
}
