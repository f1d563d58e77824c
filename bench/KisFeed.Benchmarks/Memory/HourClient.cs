using System.Globalization;
using KisFeed.Feeds;

namespace KisFeed.Benchmarks.Memory;

/// <summary>
/// A client with typed callbacks for indices, bonds and program trading, and one subscription to raw frames,
/// which counts deliveries and losses.
/// </summary>
internal sealed class HourClient : IAsyncDisposable
{
    private const int Indices = 8;
    private const int Bonds = 12;
    private const string RawKey = "9999";

    private static readonly string[] s_stocks = ["005930", "000660", "035420", "005380"];

    private readonly KisFeedClient _client;
    private readonly List<FeedSubscription> _subscriptions = [];
    private Task _raw = Task.CompletedTask;
    private long _records;
    private long _gaps;
    private long _malformed;

    private HourClient(KisFeedClient client) => _client = client;

    /// <summary>Completes when the client ends, which is an error.</summary>
    public Task Completion => _client.Completion;

    /// <summary>Frames received by subscriptions.</summary>
    public long Frames => _subscriptions.Sum(static s => s.Received);

    /// <summary>Records passed to callbacks.</summary>
    public long Records => Interlocked.Read(ref _records);

    /// <summary>Frames that queues dropped.</summary>
    public long Dropped => _subscriptions.Sum(static s => s.Dropped);

    /// <summary>Reported gaps and interruptions.</summary>
    public long Gaps => Interlocked.Read(ref _gaps);

    /// <summary>Frames, or records, that could not be read.</summary>
    public long Malformed => Interlocked.Read(ref _malformed);

    public static async Task<HourClient> StartAsync(Uri url, CancellationToken cancellationToken)
    {
        var client = await KisFeedClient.ConnectAsync(
            new KisFeedOptions
            {
                AppKey = "HOURAPPKEY00000000000000000000000000",
                AppSecret = new string('s', 180),
                WebSocketUrl = url,
                RestUrl = new UriBuilder(url) { Scheme = "http" }.Uri,
            },
            cancellationToken);
        var hour = new HourClient(client);
        try
        {
            await hour.SubscribeAsync(cancellationToken);
            return hour;
        }
        catch
        {
            await hour.DisposeAsync();
            throw;
        }
    }

    public async ValueTask DisposeAsync()
    {
        await _client.DisposeAsync();
        await _raw.ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
    }

    private async Task SubscribeAsync(CancellationToken cancellationToken)
    {
        for (var i = 0; i < Indices; i++)
        {
            _subscriptions.Add(await _client.SubscribeAsync(
                IndexTrade.Feed, i < 2 ? $"{i}001" : string.Create(CultureInfo.InvariantCulture, $"{3000 + i}"), OnIndex, OnEvent,
                cancellationToken: cancellationToken));
        }
        for (var i = 0; i < Bonds; i++)
        {
            _subscriptions.Add(await _client.SubscribeAsync(
                BondTrade.Feed, string.Create(CultureInfo.InvariantCulture, $"KR10350{i:D5}"), OnBond, OnEvent,
                cancellationToken: cancellationToken));
        }
        foreach (var stock in s_stocks)
        {
            foreach (var feed in new[] { ProgramTrade.Krx, ProgramTrade.Nxt, ProgramTrade.Consolidated })
            {
                _subscriptions.Add(
                    await _client.SubscribeAsync(feed, stock, OnProgram, OnEvent, cancellationToken: cancellationToken));
            }
        }

        var raw = await _client.SubscribeAsync(IndexTrade.Feed.Schema, RawKey, cancellationToken: cancellationToken);
        _subscriptions.Add(raw);
        _raw = Task.Run(() => ReadAsync(raw), CancellationToken.None);
    }

    private async Task ReadAsync(FrameSubscription raw)
    {
        await foreach (var item in raw.ReadAllAsync())
        {
            if (!item.IsFrame)
                OnEvent(item.Event!);
        }
    }

    private void OnIndex(in IndexTrade record)
    {
        if (record.Price is not null)
            Interlocked.Increment(ref _records);
    }

    private void OnBond(in BondTrade record)
    {
        if (record.Price is not null)
            Interlocked.Increment(ref _records);
    }

    private void OnProgram(in ProgramTrade record)
    {
        if (record.Time is not null)
            Interlocked.Increment(ref _records);
    }

    private void OnEvent(FeedEvent feedEvent) => Interlocked.Increment(ref feedEvent is MalformedFrame ? ref _malformed : ref _gaps);
}
