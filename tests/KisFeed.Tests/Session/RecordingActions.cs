using KisFeed.Session;
using KisFeed.Wire.Control;

namespace KisFeed.Tests.Session;

/// <summary>Records the actions requested by a session.</summary>
internal sealed class RecordingActions : ISessionActions
{
    public List<string> Sent { get; } = [];

    public List<string> Log { get; } = [];

    public List<(Registration Registration, string Frame)> Delivered { get; } = [];

    public List<(Registration Registration, FrameError Error, string Raw)> Malformed { get; } = [];

    public List<BrokerReply> Unexpected { get; } = [];

    /// <summary>Whether a session with permits still has one.</summary>
    public bool MaySend { get; set; } = true;

    /// <summary>If set, receives deliveries instead of the list.</summary>
    public ISessionActions? Deliveries { get; set; }

    public TimeSpan? Timer { get; private set; }

    public int TimesTimerWasSet { get; private set; }

    public Request LastRequest
    {
        get
        {
            Request.TryParse(Encoding.UTF8.GetBytes(Sent[^1]), out var request, out _).ShouldBeTrue();
            return request;
        }
    }

    public void Clear()
    {
        Log.Clear();
        TimesTimerWasSet = 0;
    }

    bool ISessionActions.MaySend(SessionMachine session) => MaySend;

    public void Connect(SessionMachine session, long connection, bool freshKey) =>
        Log.Add(freshKey ? $"connect {connection} fresh" : $"connect {connection}");

    public void Disconnect(SessionMachine session, long connection, bool isDead) =>
        Log.Add(isDead ? $"disconnect {connection} dead" : $"disconnect {connection}");

    public void Send(SessionMachine session, ReadOnlySpan<byte> text) => Sent.Add(Encoding.UTF8.GetString(text));

    public void SetTimer(SessionMachine session, TimeSpan dueAt)
    {
        Timer = dueAt;
        TimesTimerWasSet++;
    }

    public void Connected(SessionMachine session) => Log.Add("connected");

    public void ServerEventReceived(SessionMachine session, Registration? registration, ServerEvent serverEvent) =>
        Log.Add($"event {registration?.ToString() ?? "of the connection"}: {serverEvent.Kind}");

    public void Deliver(ReadOnlySpan<Registration> registrations, in DataFrame frame, in FrameShape shape, DateTimeOffset receivedAt)
    {
        if (Deliveries is { } deliveries)
        {
            deliveries.Deliver(registrations, frame, shape, receivedAt);
            return;
        }

        foreach (var registration in registrations)
            Delivered.Add((registration, Encoding.UTF8.GetString(frame.Bytes)));
    }

    public void DeliverMalformed(
        ReadOnlySpan<Registration> registrations, in FrameError error, ReadOnlySpan<byte> raw, DateTimeOffset receivedAt)
    {
        foreach (var registration in registrations)
            Malformed.Add((registration, error, Encoding.UTF8.GetString(raw)));
    }

    public void Confirmed(Registration registration) => Log.Add($"confirmed {NameOf(registration)}");

    public void Interrupted(Registration registration, GapReason cause) => Log.Add($"interrupted {NameOf(registration)} {cause}");

    public void Evicted(Registration registration) => Log.Add($"evicted {NameOf(registration)}");

    public void Refused(Registration registration, RefusalReason reason, BrokerReply? reply) =>
        Log.Add($"refused {NameOf(registration)} {reason} {reply?.Code}".TrimEnd());

    public void Released(Registration registration) => Log.Add($"released {NameOf(registration)}");

    public void UnknownWidth(FeedSchema feed, in FrameShape shape) => Log.Add($"width {feed.TrId} {shape.Width}");

    public void UnexpectedReply(SessionMachine session, BrokerReply reply)
    {
        Unexpected.Add(reply);
        Log.Add($"unexpected {reply.Code}");
    }

    public void Lost(SessionMachine session, LossReason reason, BrokerReply? reply) => Log.Add($"lost {reason} {reply?.Code}".TrimEnd());

    public void Halted(SessionMachine session, HaltReason reason, BrokerReply? reply) =>
        Log.Add($"halted {reason} {reply?.Code}".TrimEnd());

    public void AttemptFailed(SessionMachine session) => Log.Add("attempt failed");

    public void Ended(SessionMachine session) => Log.Add("ended");

    // Unlike the text of a registration, includes the key of order notices.
    private static string NameOf(Registration registration) => $"{registration.Feed.TrId}:{registration.Key}";
}
