using KisFeed.Session;

namespace KisFeed.Tests.Session;

/// <summary>Drives a session with a clock that advances only on request, and with replies in the broker's format.</summary>
internal sealed class SessionDriver
{
    public static readonly DateTimeOffset ReceivedAt = new(2026, 11, 20, 0, 12, 40, TimeSpan.Zero);

    public SessionDriver(SessionSettings? settings = null, FeedCatalog? catalog = null)
    {
        Machine = new SessionMachine(settings ?? new SessionSettings(), catalog ?? KisFeeds.Catalog, Actions);
    }

    public RecordingActions Actions { get; } = new();

    public SessionMachine Machine { get; }

    public TimeSpan Now { get; private set; } = TimeSpan.FromSeconds(100);

    public SessionDriver Open(bool isKeyFresh = true)
    {
        Machine.Start(Now);
        Connect(isKeyFresh);
        Actions.Clear();
        return this;
    }

    /// <summary>Completes the current connection attempt.</summary>
    public void Connect(bool isKeyFresh = true)
    {
        Machine.Phase.ShouldBe(SessionPhase.Connecting);
        Machine.Opened(Machine.Connection, "approval-key", isKeyFresh, Now);
    }

    /// <summary>Closes the current connection.</summary>
    public void Drop() => Machine.Closed(Machine.Connection, Now);

    /// <summary>Advances the clock to the session's next attempt.</summary>
    public TimeSpan AdvanceToNextAttempt()
    {
        var start = Now;
        while (Machine.Phase == SessionPhase.Waiting)
        {
            Now = Machine.NextAttemptAt!.Value;
            Machine.TimerDue(Now);
        }

        Machine.Phase.ShouldBe(SessionPhase.Connecting);
        return Now - start;
    }

    public Registration Subscribe(FeedSchema feed, string key)
    {
        var registration = Machine.TrySubscribe(feed, key, Now);
        registration.ShouldNotBeNull();
        return registration;
    }

    public Registration SubscribeAndConfirm(FeedSchema feed, string key, string? noticeKey = null, string? iv = null)
    {
        Advance();
        var registration = Subscribe(feed, key);
        Acknowledge(feed.TrId, key, noticeKey: noticeKey, iv: iv);
        registration.IsConfirmed.ShouldBeTrue();
        return registration;
    }

    public void Unsubscribe(Registration registration) => Machine.Unsubscribe(registration, Now);

    /// <summary>Lets time pass before the timer is noticed, as in a process that was paused.</summary>
    public void Pass(int milliseconds) => Now += TimeSpan.FromMilliseconds(milliseconds);

    public void Advance(int milliseconds = 50)
    {
        Now += TimeSpan.FromMilliseconds(milliseconds);
        Machine.TimerDue(Now);
    }

    public void Receive(string text) => Receive(Encoding.UTF8.GetBytes(text));

    public void Receive(byte[] text) => Machine.TextReceived(Machine.Connection, text, ReceivedAt, Now);

    public void Acknowledge(string trId, string key, string code = "OPSP0000", string? noticeKey = null, string? iv = null)
    {
        var output = noticeKey is null ? "" : $$""","output":{"iv":"{{iv}}","key":"{{noticeKey}}"}""";
        Receive($$$"""{"header":{"tr_id":"{{{trId}}}","tr_key":"{{{key}}}","encrypt":"N"}"""
            + $$$""","body":{"rt_cd":"{{{(code is "OPSP0000" or "OPSP0001" ? "0" : "1")}}}","msg_"""
            + $$$"""cd":"{{{code}}}","msg1":"TEXT"{{{output}}}}}""");
    }

    public void RefuseWithoutHeader(string code) =>
        Receive($$$"""{"header":{"tr_id":"(null)","tr_key":"","encrypt":"N"},"body":{"rt_cd":"9","msg_cd":"{{{code}}}","msg1":"TEXT"}}""");
}
