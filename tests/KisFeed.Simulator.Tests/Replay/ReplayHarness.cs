using System.Security.Cryptography;
using KisFeed.Server.Protocol;
using KisFeed.Simulator.Replay;
using KisFeed.Wire.Control;

namespace KisFeed.Simulator.Tests.Replay;

/// <summary>A replay without a server and files: the test supplies the frames and drives the clock.</summary>
internal sealed class ReplayHarness : IAsyncDisposable
{
    public const string Index = "H0UPCNT0";
    public static readonly TimeSpan SlowClientLimit = TimeSpan.FromSeconds(10);

    private readonly ServerCounters _server = new();
    private readonly Dictionary<FakeConnection, ConnectionRegistrations> _tables = [];

    private ReplayHarness(ReplayOptions options, IReadOnlyList<ReplayFrame> frames, HashSet<string> feedsOfOneOwner)
    {
        var replaySource = new ReplaySource
        {
            Catalog = KisFeeds.Catalog,
            ReadAsync = (_, _, _) => Read(),
            Owners = new NoticeOwners(KisFeeds.Catalog, feedsOfOneOwner),
            Counters = Counters,
        };
        Feed = new ReplayFeed(
            replaySource, options with { SlowClientLimit = SlowClientLimit, TimeProvider = Time }, Log.CreateLogger(""));

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

    /// <summary>Options without a capture.</summary>
    public static ReplayOptions Options { get; } = new() { Capture = null! };

    public ManualTimeProvider Time { get; } = new();

    public RecordingLoggerFactory Log { get; } = new();

    public ReplayCounters Counters { get; } = new();

    public ReplayFeed Feed { get; }

    /// <summary>The number of times that reading of the capture was started.</summary>
    public int Readings { get; private set; }

    public static ReplayHarness Open(ReplayOptions options, params IReadOnlyList<ReplayFrame> frames) => new(options, frames, []);

    public static ReplayHarness OpenNotices(bool haveOneOwner, int wait, params IReadOnlyList<ReplayFrame> frames) =>
        new(Options with { Speed = ReplaySpeed.Unlimited, Wait = wait }, frames, haveOneOwner ? ["H0IFCNI0"] : []);

    /// <summary>Numbered index trades at the given milliseconds after the first.</summary>
    public static ReplayFrame[] Frames(params int[] milliseconds) =>
        [.. milliseconds.Select((ms, i) => new ReplayFrame(Index, Ticks.Index(i), Ticks.Opening.AddMilliseconds(ms)))];

    /// <summary>The text of a numbered frame.</summary>
    public static string Frame(int number) => Encoding.UTF8.GetString(Ticks.Index(number));

    public async Task<ClientRegistration> RegisterAsync(FakeConnection client, string trKey = "0001", string trId = Index)
    {
        if (!_tables.TryGetValue(client, out var table))
            _tables.Add(client, table = new ConnectionRegistrations(new SessionOutput(client, _server), 100, _server));
        KisFeeds.Catalog.TryFind(trId, out var schema).ShouldBeTrue();
        using var key = NoticeKey.TryCreate(
            RandomNumberGenerator.GetBytes(NoticeKey.KeyLength), RandomNumberGenerator.GetBytes(NoticeKey.IvLength))!;
        var registration = table.Add(schema, trKey, key);
        await Feed.SubscribeAsync(registration).AsTask().WaitAsync(Patience.Limit);
        return registration;
    }

    /// <summary>Closes a connection like a session does.</summary>
    public async Task LeaveAsync(FakeConnection client)
    {
        foreach (var registration in _tables[client].RemoveAll())
            await Feed.UnsubscribeAsync(registration).AsTask().WaitAsync(Patience.Limit);
        _tables.Remove(client);
        await Feed.LeaveAsync(client).AsTask().WaitAsync(Patience.Limit);
    }

    /// <summary>Starts the replay by letting a second pass without a registration.</summary>
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
