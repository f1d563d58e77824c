using KisFeed.Client;
using KisFeed.Wire;

namespace KisFeed.Capture.Tests.Recording;

/// <summary>What a flush writes.</summary>
public sealed class FlushTests : IDisposable
{
    private readonly CaptureFolder _folder = new();

    public void Dispose() => _folder.Dispose();

    /// <summary>
    /// Another tap of the client may have read the frames already, and its reader relies on them being in the capture after a flush.
    /// </summary>
    [Fact]
    public async Task A_flush_writes_frames_of_which_the_recorder_was_not_notified_yet()
    {
        await using var source = new UnnotifiedSource();
        await using var recorder = CaptureRecorder.Start(
            source, RunningRecorder.OptionsFor(_folder.Path) with { FlushInterval = TimeSpan.FromMinutes(1) });
        await recorder.AddAsync(IndexTrade.Feed.Schema, "0001");
        source.Add(0);
        source.Notify();
        await Patience.UntilAsync(async () => await recorder.FlushAsync() is not null);
        for (var round = 1; round < 50; round++)
        {
            for (var frame = 0; frame < round; frame++)
                source.Add((100 * round) + frame);

            (await recorder.FlushAsync()).ShouldBe(source.LastAt);
            recorder.Status.Waiting.ShouldBe(0);
            source.Notify();
        }

        await recorder.StopAsync();
        (await Recorded.ReadAsync(_folder.Path)).Numbers.Select(n => n.Number).ShouldBe(source.Numbers);
    }

    /// <summary>Enqueues frames like a client, but notifies its readers only on request.</summary>
    private sealed class UnnotifiedSource : IFrameSource, ITapSource
    {
        private readonly PendingWakeups _wakeups = new();
        private readonly FeedTotals _totals = new();
        private readonly List<IFrameReceiver> _receivers = [];
        private TapQueue? _queue;

        public FeedCatalog Catalog => KisFeeds.Catalog;

        public IReadOnlyList<RegistrationStatus> Registrations => [];

        public IReadOnlyList<SessionStatus> Sessions => [];

        public bool HasNotices => false;

        public Task Completion { get; } = new TaskCompletionSource().Task;

        public DateTimeOffset LastAt { get; private set; } = DateTimeOffset.UtcNow;

        public List<int> Numbers { get; } = [];

        public void Add(int number)
        {
            var frame = Encoding.UTF8.GetBytes(NumberedService.Frame(0, 5 * number));
            LastAt = LastAt.AddMilliseconds(1);
            Numbers.Add(5 * number);
            foreach (var receiver in _receivers)
                receiver.Write(frame, default, LastAt);
            _queue!.EndFrame(frame, default, LastAt);
        }

        public void Notify() => _wakeups.Flush();

        public FrameTap OpenTap(FrameTapOptions? options = null)
        {
            _queue = new TapQueue(options ?? new FrameTapOptions(), new ReceiveClock(TimeProvider.System), _wakeups);
            return new FrameTap(this, _queue, Catalog, KisEnvironment.Production);
        }

        public FeedTotals TotalsOf(FeedSchema feed) => _totals;

        public Task<ISubscriptionSource> AttachAsync(
            FeedSchema feed, string key, IFrameReceiver receiver, int priority, CancellationToken cancellationToken)
        {
            _receivers.Add(receiver);
            return Task.FromResult<ISubscriptionSource>(null!);
        }

        public void Complete(IFrameReceiver receiver, Exception error) => receiver.Complete(error);

        public Task CloseTapAsync(TapQueue tap, IReadOnlyCollection<ISubscriptionSource> attached)
        {
            tap.Complete(null);
            return Task.CompletedTask;
        }

        public IAsyncEnumerable<SessionStatus> WatchSessionsAsync(CancellationToken cancellationToken = default) =>
            AsyncEnumerable.Empty<SessionStatus>();

        public ValueTask DisposeAsync() => ValueTask.CompletedTask;
    }
}
