using System.Buffers.Binary;
using KisFeed.Client;
using KisFeed.Tests.Session;
using Microsoft.Extensions.Logging.Abstractions;

namespace KisFeed.Tests.Client;

/// <summary>The allocations on the path of a frame from the received bytes to its consumer, without the network.</summary>
public sealed class AllocationTests
{
    private const int WarmUps = 200;
    private const int Rounds = 20_000;

    // Allows for occasional allocations of the runtime on any thread.
    private const long Tolerance = 64 * 1024;

    private const string Index = "0001^091240^2624.54^2^32.68^63952^1650684^439^10335^1.26^2615.72^2624.82^2610.00^23.86^2^32.96^2^18.14^2^"
        + "0.92^1.27^0.70^0^670^72^177^0^0^0^19";
    private const string Bond = "KR103502GD31^국고03250-5303(23-2)^131743^2^5.00^0.05^10575.00^1^10525.00^10578.00^10525.00^0.00^3.012^3.037^"
        + "3.010^3.037^6594124^9874082^2";

    // Includes a frame with several records and one that is longer than most.
    private static readonly byte[] s_frames =
    [
        .. Framed($"0|H0UPCNT0|001|{Index}"),
        .. Framed($"0|H0BJCNT0|001|{Bond}"),
        .. Framed($"0|H0UPCNT0|003|{string.Join('^', Enumerable.Repeat(Index, 3))}"),
        .. Framed($"0|H0BJCNT0|020|{string.Join('^', Enumerable.Repeat(Bond, 20))}"),
    ];

    [Fact]
    public async Task Frames_of_a_tap_do_not_allocate()
    {
        await using var path = new FramePath();
        var queue = path.Runtime.OpenTap(new FrameTapOptions());
        await using var tap = new FrameTap(path.Runtime, queue, KisFeeds.Catalog, KisEnvironment.Production);
        path.Attach(
            IndexTrade.Feed.Schema, "0001", new TapRegistration(queue, IndexTrade.Feed.Schema, "0001", new FeedTotals(), static _ => { }));
        path.Attach(
            BondTrade.Feed.Schema,
            "KR103502GD31",
            new TapRegistration(queue, BondTrade.Feed.Schema, "KR103502GD31", new FeedTotals(), static _ => { }));
        path.Measure(4, () =>
        {
            var count = 0;
            while (tap.TryRead(out var item))
                count += item.IsFrame ? 1 : 0;
            return count;
        }).ShouldBeLessThan(Tolerance);
    }

    [Fact]
    public async Task Records_of_a_callback_do_not_allocate()
    {
        await using var path = new FramePath();
        var trades = new Records<IndexTrade>(path, IndexTrade.Feed.Schema, "0001");
        var bonds = new Records<BondTrade>(path, BondTrade.Feed.Schema, "KR103502GD31");
        path.Measure(1 + 1 + 3 + 20, () => trades.Drain() + bonds.Drain()).ShouldBeLessThan(Tolerance);
    }

    private static byte[] Framed(string text)
    {
        var bytes = Encoding.UTF8.GetBytes(text);
        byte[] frame = [0x81, 126, 0, 0, .. bytes];
        BinaryPrimitives.WriteUInt16BigEndian(frame.AsSpan(2), (ushort)bytes.Length);
        return frame;
    }

    private sealed class FramePath : IAsyncDisposable
    {
        private readonly SessionDriver _driver;
        private readonly ReadAheadBuffer _received = new();

        public FramePath()
        {
            Runtime = new ClientRuntime(new KisFeedOptions { AppKey = "key", AppSecret = "secret" }, KisFeeds.Catalog, NullLogger.Instance);
            _driver = new SessionDriver().Open();
            _driver.Actions.Deliveries = Runtime;
        }

        public ClientRuntime Runtime { get; }

        public void Attach(FeedSchema feed, string key, IFrameReceiver receiver)
        {
            var registration = _driver.SubscribeAndConfirm(feed, key);
            var list = new SubscriberList();
            registration.Subscribers = list;
            list.Add(new SubscriptionHandle(Runtime, registration, receiver));
            list.Confirm("1", SessionDriver.ReceivedAt);
        }

        /// <summary>
        /// Bytes allocated in <see cref="Rounds"/> rounds of four frames, each of which must produce the given number of items.
        /// </summary>
        public long Measure(int items, Func<int> drain)
        {
            Run(WarmUps);
            var before = GC.GetAllocatedBytesForCurrentThread();
            Run(Rounds);
            return GC.GetAllocatedBytesForCurrentThread() - before;

            void Run(int rounds)
            {
                for (var round = 0; round < rounds; round++)
                {
                    _received.Add(s_frames);
                    while (_received.TryReadMessage(1 << 20, out var message))
                        _driver.Machine.TextReceived(_driver.Machine.Connection, message.Span, SessionDriver.ReceivedAt, _driver.Now);
                    if (drain() is var count && (round > 0 || rounds == Rounds) && count != items)
                        count.ShouldBe(items);
                }
            }
        }

        public ValueTask DisposeAsync() => Runtime.DisposeAsync();
    }

    private sealed class Records<TRecord> : IRecordSink<TRecord>
        where TRecord : struct, IFeedRecord<TRecord>
    {
        private readonly RecordDecoder<TRecord> _decoder;
        private int _count;

        public Records(FramePath path, FeedSchema feed, string key)
        {
            var queue = path.Runtime.CreateQueue(feed);
            _decoder = new RecordDecoder<TRecord>(feed, key, queue);
            path.Attach(feed, key, queue);
        }

        public int Drain()
        {
            _count = 0;
            while (_decoder.TryDecodeNext(this))
            {
            }

            return _count;
        }

        public void OnRecord(in TRecord record) => _count++;

        public void OnEvent(FeedEvent @event) => throw new InvalidOperationException(@event.ToString());
    }
}
