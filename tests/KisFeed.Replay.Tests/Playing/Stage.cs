using System.Security.Cryptography;
using System.Text;
using KisFeed.Feeds;
using KisFeed.Replay.Playing;
using KisFeed.Server.Protocol;
using KisFeed.Wire.Control;

namespace KisFeed.Replay.Tests.Playing;

/// <summary>A replay without a server and without files: the test supplies the frames and drives the clock.</summary>
internal sealed class Stage : IAsyncDisposable
{
    public const string Index = "H0UPCNT0";
    public static readonly TimeSpan SlowClientLimit = TimeSpan.FromSeconds(10);

    private readonly ServerCounters _server = new();
    private readonly Dictionary<Listener, ConnectionRegistrations> _tables = [];

    private Stage(ReplaySettings settings, IReadOnlyList<ReplayFrame> frames, HashSet<string> recordedForOne)
    {
        var replaySource = new ReplaySource
        {
            Catalog = KisFeeds.Catalog,
            ReadAsync = (_, _, _) => Read(),
            Owners = new NoticeOwners(KisFeeds.Catalog, recordedForOne),
            Counters = Counters,
        };
        Feed = new ReplayFeed(replaySource, settings, SlowClientLimit, Time, Log);

        async IAsyncEnumerable<ReplayFrame> Read()
        {
            Readings++;
            foreach (var frame in frames)
            {
                await Task.CompletedTask;
                yield return frame;
            }
        }
    }

    public ManualTimeProvider Time { get; } = new();

    public RecordingLoggerFactory Log { get; } = new();

    public ReplayCounters Counters { get; } = new();

    public ReplayFeed Feed { get; }

    /// <summary>How often reading of the capture was started.</summary>
    public int Readings { get; private set; }

    public static Stage Open(ReplaySettings settings, params IReadOnlyList<ReplayFrame> frames) => new(settings, frames, []);

    public static Stage OpenNotices(bool areOfOne, int wait, params IReadOnlyList<ReplayFrame> frames) =>
        new(new ReplaySettings { Speed = ReplaySpeed.Unlimited, Wait = wait }, frames, areOfOne ? ["H0IFCNI0"] : []);

    /// <summary>Numbered index trades, this many milliseconds after the first.</summary>
    public static ReplayFrame[] Frames(params int[] milliseconds) =>
        [.. milliseconds.Select((ms, i) => new ReplayFrame(Index, Ticks.Index(i), Ticks.Opening.AddMilliseconds(ms)))];

    /// <summary>The text of the frame with this number.</summary>
    public static string Frame(int number) => Encoding.UTF8.GetString(Ticks.Index(number));

    public async Task<Registration> RegisterAsync(Listener listener, string trKey = "0001", string trId = Index)
    {
        if (!_tables.TryGetValue(listener, out var table))
            _tables.Add(listener, table = new ConnectionRegistrations(new SessionOutput(listener, _server), 100, _server));
        KisFeeds.Catalog.TryFind(trId, out var schema).ShouldBeTrue();
        var registration = table.Add(schema, trKey, RandomNumberGenerator.GetBytes(NoticeKey.KeyLength), RandomNumberGenerator.GetBytes(NoticeKey.IvLength));
        await Feed.SubscribeAsync(registration).AsTask().WaitAsync(Patience.Limit);
        return registration;
    }

    /// <summary>Ends a connection, as a session does.</summary>
    public async Task LeaveAsync(Listener listener)
    {
        foreach (var registration in _tables[listener].RemoveAll())
            await Feed.UnsubscribeAsync(registration).AsTask().WaitAsync(Patience.Limit);
        _tables.Remove(listener);
        await Feed.LeaveAsync(listener).AsTask().WaitAsync(Patience.Limit);
    }

    /// <summary>Starts the replay: one second passes without a new registration.</summary>
    public async Task BeginAsync()
    {
        await Time.TimerDueInAsync(ReplayFeed.Quiet);
        Time.Advance(ReplayFeed.Quiet);
    }

    public async ValueTask DisposeAsync()
    {
        await Feed.DisposeAsync();
        Log.Dispose();
    }
}
