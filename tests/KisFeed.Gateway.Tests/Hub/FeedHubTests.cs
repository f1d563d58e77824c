using System.Runtime.CompilerServices;
using KisFeed.Client;
using KisFeed.Feeds;
using KisFeed.Gateway.Hub;
using KisFeed.Wire;
using Microsoft.Extensions.Logging.Abstractions;

namespace KisFeed.Gateway.Tests.Hub;

/// <summary>The hub as the reader of a tap that runs on the thread of its source.</summary>
public sealed class FeedHubTests
{
    [Fact]
    public async Task The_thread_of_a_source_is_free_again_although_others_fill_the_tap()
    {
        const int others = 20_000;
        await using var source = new FilledSource();
        var sink = new Sink(source);
        await using var hub = new FeedHub(
            source,
            new GatewayOptions
            {
                Upstream = GatewaySource.FromFrames(_ => source, KisEnvironment.Simulator, maxRegistrations: 1),
                RegisterTimeout = Patience.Limit,
            },
            sink,
            NullLogger.Instance);

        // Until the hub waits for the next frame, so that it runs here.
        await Patience.UntilAsync(() =>
        {
            source.Deliver();
            return sink.LastThread == Environment.CurrentManagedThreadId;
        });
        var before = sink.Frames;
        sink.Refills = others;
        sink.CountsOn(Environment.CurrentManagedThreadId);
        source.Deliver();

        // The hub continues on another thread, which may have read any number of frames by now.
        sink.FramesOnThread.ShouldBeLessThan(others / 2);
        await Patience.UntilAsync(() => sink.Frames - before == others + 1);
    }

    [Fact]
    public async Task An_evicted_registration_is_an_interruption_for_consumers()
    {
        await using var source = new FilledSource();
        var sink = new Sink(source);
        await using var hub = new FeedHub(
            source,
            new GatewayOptions { Upstream = GatewaySource.FromFrames(_ => source, KisEnvironment.Simulator, maxRegistrations: 1) },
            sink,
            NullLogger.Instance);
        var at = DateTimeOffset.UtcNow;

        source.Evict(at);

        var interruption = (await sink.FirstEvent.WaitAsync(Patience.Limit)).ShouldBeOfType<Interruption>();
        interruption.ShouldBe(new Interruption { Feed = IndexTrade.Feed.Schema, Key = "0001", At = at, Reason = GapReason.Evicted });
    }

    private sealed class Sink(FilledSource source) : IHubSink
    {
        private readonly TaskCompletionSource<FeedEvent> _firstEvent = new(TaskCreationOptions.RunContinuationsAsynchronously);
        private int _frames;
        private int _lastThread;
        private int _thread;
        private int _framesOnThread;

        public int Frames => Volatile.Read(ref _frames);

        public Task<FeedEvent> FirstEvent => _firstEvent.Task;

        public int LastThread => Volatile.Read(ref _lastThread);

        public int Refills { get; set; }

        /// <summary>Frames that were read on the thread that is counted.</summary>
        public int FramesOnThread => Volatile.Read(ref _framesOnThread);

        public void CountsOn(int thread) => _thread = thread;

        public void OnFrame(in FrameItem item, string? noticeKey)
        {
            if (Environment.CurrentManagedThreadId == _thread)
                Interlocked.Increment(ref _framesOnThread);
            if (Refills > 0)
            {
                Refills--;
                source.Write();
            }

            Volatile.Write(ref _lastThread, Environment.CurrentManagedThreadId);
            Interlocked.Increment(ref _frames);
        }

        public void OnEvent(in FrameItem item) => _firstEvent.TrySetResult(item.Event!);

        public void OnUpstreamEnded(string problem) => throw new InvalidOperationException(problem);
    }

    /// <summary>A source with one tap, which the test fills.</summary>
    private sealed class FilledSource : IFrameSource, ITapSource
    {
        private static readonly byte[] s_frame = "0|H0UPCNT0|001|0001"u8.ToArray();

        private readonly PendingWakeups _wakeups = new();
        private readonly FeedTotals _totals = new();
        private TapQueue? _queue;
        private TapRegistration? _registration;

        public FeedCatalog Catalog => KisFeeds.Catalog;

        public IReadOnlyList<RegistrationStatus> Registrations => [];

        public IReadOnlyList<SessionStatus> Sessions => [];

        public bool HasNotices => false;

        public Task Completion => Task.Delay(Timeout.Infinite, CancellationToken.None);

        public async IAsyncEnumerable<SessionStatus> WatchSessionsAsync(
            [EnumeratorCancellation] CancellationToken cancellationToken = default)
        {
            await Task.Delay(Timeout.Infinite, cancellationToken);
            yield break;
        }

        public FrameTap OpenTap(FrameTapOptions? options = null)
        {
            _queue = new TapQueue(options!, new ReceiveClock(TimeProvider.System), _wakeups);
            _registration = new TapRegistration(_queue, IndexTrade.Feed.Schema, "0001", _totals, _ => { });
            return new FrameTap(this, _queue, Catalog, KisEnvironment.Simulator);
        }

        public void Write()
        {
            var now = DateTimeOffset.UtcNow;
            _registration!.Write(s_frame, default, now);
            _queue!.EndFrame(s_frame, default, now);
        }

        public void Evict(DateTimeOffset at) => _registration!.Evict(at);

        public void Deliver()
        {
            Write();
            foreach (var reader in _wakeups.Take())
                reader.SetHere();
        }

        public FeedTotals TotalsOf(FeedSchema feed) => _totals;

        public Task<ISubscriptionSource> AttachAsync(
            FeedSchema feed, string key, IFrameReceiver receiver, int priority, CancellationToken cancellationToken) =>
            throw new NotSupportedException();

        public void Complete(IFrameReceiver receiver, Exception error) => receiver.Complete(error);

        public Task CloseTapAsync(TapQueue tap, IReadOnlyCollection<ISubscriptionSource> attached)
        {
            tap.Complete(null);
            return Task.CompletedTask;
        }

        public ValueTask DisposeAsync() => ValueTask.CompletedTask;
    }
}
