using System.Globalization;
using System.Runtime.CompilerServices;
using KisFeed.Benchmarks.Comparing;
using KisFeed.Benchmarks.Fanout;
using KisFeed.Feeds;
using KisFeed.TestSupport;

namespace KisFeed.Benchmarks.Memory;

/// <summary>
/// The memory of a subscription of the library and of an idle consumer of the gateway. There is no baseline: limits are absolute.
/// </summary>
internal sealed class MemorySuite : IBenchmarkSuite
{
    private const int FirstSubscriptions = 50;
    private const int FirstConsumers = 50;
    private const int SmallBuffer = 4 * 1024;
    private const double MaxConsumerKiB = 64;

    private static readonly Amounts s_usual = new(1_000, 400, TimeSpan.FromSeconds(3), TimeSpan.FromSeconds(12));
    // With the first ones, more registrations than the default options allow in a minute.
    private static readonly Amounts s_brief = new(150, 20, TimeSpan.Zero, TimeSpan.FromSeconds(0.5));

    private delegate Task<FeedSubscription> Subscribing(KisFeedClient client, string key, CancellationToken cancellationToken);

    public string Name => "memory";

    public string Description => "bytes of a subscription, and of an idle consumer of the gateway";

    public async IAsyncEnumerable<Comparison> RunAsync(Rounds rounds, [EnumeratorCancellation] CancellationToken cancellationToken)
    {
        var amounts = rounds.IsBrief ? s_brief : s_usual;
        await using var market = await ServerProcess.StartOwnAsync([PacedMarketCommand.Word, "1"], cancellationToken);
        var results = await rounds.RunAsync(
            $"memory: a subscription of the library, the mean of {amounts.Subscriptions}",
            [
                Candidate("typed, called back", static async (client, key, ending) => await client.SubscribeAsync(
                    IndexTrade.Feed, key, Ignore, cancellationToken: ending)),
                Candidate(
                    "typed, to be read",
                    static async (client, key, ending) => await client.SubscribeAsync(IndexTrade.Feed, key, cancellationToken: ending)),
                Candidate(
                    "frames, to be read",
                    static async (client, key, ending) =>
                        await client.SubscribeAsync(IndexTrade.Feed.Schema, key, cancellationToken: ending)),
            ],
            count: 2,
            cancellationToken);
        yield return new Comparison($"memory: a subscription of the library, the mean of {amounts.Subscriptions}", results, [], []);

        var idle = await Task.WhenAll(
            MeasureIdleAsync("broker's protocol", OpenBrokerAsync, amounts, cancellationToken),
            MeasureIdleAsync("server-sent events", OpenStreamAsync, amounts, cancellationToken));
        yield return new Comparison(
            $"memory: an idle consumer of the gateway, the mean of {amounts.Consumers}",
            idle,
            [.. idle.Select(
                s => new Target($"an idle consumer, {s.Name}", s["memory of the process"], " KiB", Bound.AtMost, MaxConsumerKiB))],
            ["Each kind has its own gateway. The first 50 consumers are not counted, because they create shared code and pools. "
                + "Each consumer has received a heartbeat."]);

        Candidate Candidate(string name, Subscribing subscribeAsync) =>
            new(name, ending => MeasureSubscriptionsAsync(market.Url, amounts.Subscriptions, subscribeAsync, ending));
    }

    private static async Task<IReadOnlyList<Figure>> MeasureSubscriptionsAsync(
        Uri url, int count, Subscribing subscribeAsync, CancellationToken cancellationToken)
    {
        await using var client = await KisFeedClient.ConnectAsync(
            new KisFeedOptions
            {
                AppKey = "MEMORYAPPKEY000000000000000000000000",
                AppSecret = new string('s', 180),
                WebSocketUrl = url,
                RestUrl = new UriBuilder(url) { Scheme = "http" }.Uri,
                MaxRegistrations = FirstSubscriptions + count,

                // More registrations than a broker accepts in a minute.
                NewRegistrationsPerMinute = int.MaxValue,
                NewRegistrationsPerHour = int.MaxValue,
                RequestInterval = TimeSpan.Zero,
            },
            cancellationToken);
        var subscriptions = new FeedSubscription[FirstSubscriptions + count];
        await SubscribeAsync(0, FirstSubscriptions);
        var before = Heap();
        await SubscribeAsync(FirstSubscriptions, count);
        var growth = Heap() - before;
        GC.KeepAlive(subscriptions);
        return [new("managed memory", "KiB", growth / 1024.0 / count)];

        async Task SubscribeAsync(int first, int more)
        {
            for (var i = first; i < first + more; i++)
                subscriptions[i] = await subscribeAsync(client, string.Create(CultureInfo.InvariantCulture, $"{i:D4}"), cancellationToken);
        }
    }

    private static long Heap()
    {
        GC.Collect();
        GC.WaitForPendingFinalizers();
        return GC.GetTotalMemory(forceFullCollection: true);
    }

    private static async Task<CandidateResult> MeasureIdleAsync(
        string name,
        Func<FanoutServer, CancellationToken, Task<IDisposable>> openAsync,
        Amounts amounts,
        CancellationToken cancellationToken)
    {
        await using var gateway = await FanoutServer.StartGatewayAsync(cancellationToken);
        List<IDisposable> consumers = [];
        try
        {
            await OpenAsync(FirstConsumers, amounts.Short);
            var (all, own) = (gateway.Process.Memory("VmRSS"), gateway.Process.Memory("RssAnon"));
            await OpenAsync(amounts.Consumers, amounts.Long);
            return new CandidateResult(
                name,
                [
                    new("memory of the process", "KiB", Each(gateway.Process.Memory("VmRSS") - all, amounts)),
                    new("without mapped files", "KiB", Each(gateway.Process.Memory("RssAnon") - own, amounts)),
                ]);
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

    private static double Each(long bytes, Amounts amounts) => bytes / 1024.0 / amounts.Consumers;

    private static async Task<IDisposable> OpenBrokerAsync(FanoutServer gateway, CancellationToken cancellationToken) =>
        await FanoutConsumer.ConnectAsync(gateway, SmallBuffer, cancellationToken);

    private static async Task<IDisposable> OpenStreamAsync(FanoutServer gateway, CancellationToken cancellationToken) =>
        await IdleStream.ConnectAsync(gateway.Port, cancellationToken);

    private static void Ignore(in IndexTrade record)
    {
        // The callback is not measured.
    }

    /// <summary>How much is measured.</summary>
    /// <param name="Subscriptions">Subscriptions of the library.</param>
    /// <param name="Consumers">Consumers of the gateway.</param>
    /// <param name="Short">The wait for the first consumers.</param>
    /// <param name="Long">The wait for all consumers, enough for a heartbeat on each connection.</param>
    private sealed record Amounts(int Subscriptions, int Consumers, TimeSpan Short, TimeSpan Long);
}
