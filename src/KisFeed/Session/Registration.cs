using System.Text;
using KisFeed.Wire;
using KisFeed.Wire.Control;

namespace KisFeed.Session;

/// <summary>
/// One key of one feed, as requested by subscribers (<see cref="SubscriberCount"/>) and as held by the server (<see cref="State"/>).
/// </summary>
internal sealed class Registration
{
    private readonly byte[] _keyUtf8;
    private readonly List<int> _priorities = [];

    internal Registration(FeedSchema feed, string key)
    {
        Feed = feed;
        Key = key;
        _keyUtf8 = Encoding.UTF8.GetBytes(key);
    }

    /// <summary>The feed, in the form that the chosen service offers.</summary>
    public FeedSchema Feed { get; }

    /// <summary>The <c>tr_key</c>, exactly as requested.</summary>
    public string Key { get; }

    public SessionMachine Session { get; internal set; } = null!;

    /// <summary>The number of subscribers; the registration is released when there is none.</summary>
    public int SubscriberCount => _priorities.Count;

    /// <summary>The highest priority of its subscribers; 0 if there is none.</summary>
    public int Priority { get; private set; }

    public RegistrationState State { get; internal set; }

    /// <summary>A place where the client keeps its subscribers, so that delivering a frame needs no look-up.</summary>
    public object? Subscribers { get; set; }

    /// <summary>Whether the server holds it, as far as is known; it then counts towards the session's limit.</summary>
    public bool IsOnWire => State is RegistrationState.Registering or RegistrationState.Registered or RegistrationState.Unanswered
        or RegistrationState.Releasing;

    /// <summary>Whether the server has acknowledged it and its frames can be read.</summary>
    public bool IsConfirmed => State == RegistrationState.Registered && !MustRenew && !IsEvicted;

    /// <summary>
    /// Whether a registration with a higher priority has its slot: it is released, and registered again when there is a slot for it.
    /// </summary>
    public bool IsEvicted => Eviction > 0;

    internal ReadOnlySpan<byte> KeyUtf8 => _keyUtf8;

    internal long Order { get; set; }

    /// <summary>When its first subscriber requested it.</summary>
    internal TimeSpan RequestedAt { get; private set; }

    /// <summary>The number of its eviction, which is higher for later ones; 0 if it is not evicted.</summary>
    internal long Eviction { get; set; }

    /// <summary>
    /// Whether its subscribers were notified that it was evicted, and it was not confirmed since. Until then they receive no frames.
    /// </summary>
    internal bool WasEvicted { get; set; }

    /// <summary>Whether its next request counts as a new registration: it was never acknowledged, or was evicted.</summary>
    internal bool IsNew => !WasConfirmed || WasEvicted;

    /// <summary>Whether the server has ever acknowledged it: then it is restored after a loss, and failures are retried.</summary>
    internal bool WasConfirmed { get; set; }

    /// <summary>
    /// Whether its subscribers were notified that data may be missing, and neither data nor a confirmation has arrived since.
    /// </summary>
    internal bool IsInterrupted { get; set; }

    /// <summary>Whether it was released in order to be sent again, so that its subscribers miss data until it is confirmed.</summary>
    internal bool WasReleased { get; set; }

    /// <summary>Number of failed attempts to restore it since it was last confirmed.</summary>
    internal int Failures { get; set; }

    /// <summary>When the first of these attempts failed.</summary>
    internal TimeSpan FailingSince { get; set; }

    /// <summary>The sessions that had no room for it, so that it is not moved back and forth.</summary>
    internal List<SessionMachine> RefusedBy { get; } = [];

    internal NoticeCipher? Cipher { get; set; }

    /// <summary>Whether its acknowledgement contained a key or IV of the wrong length, and no valid one has arrived since.</summary>
    internal bool HasInvalidKey { get; set; }

    /// <summary>Whether it must be released and registered again, because the server holds it but its key and IV are not known.</summary>
    internal bool MustRenew { get; set; }

    internal bool WasRenewed { get; set; }

    /// <summary>When its next request may be sent: a failed release, or a registration that could not be restored.</summary>
    internal TimeSpan RetryAt { get; set; }

    /// <summary>
    /// The number of the last delivered frame of its session, so that a frame with several of its records is delivered once.
    /// </summary>
    internal long LastFrame { get; set; }

    /// <summary>Adds a subscriber.</summary>
    internal void Attach(int priority, TimeSpan now)
    {
        if (SubscriberCount == 0)
            RequestedAt = now;
        _priorities.Add(priority);
        Priority = _priorities.Max();
    }

    /// <summary>Removes a subscriber.</summary>
    internal void Detach(int priority)
    {
        _priorities.Remove(priority);
        Priority = _priorities.Count == 0 ? 0 : _priorities.Max();
    }

    /// <summary>The last subscriber detached. The next one starts from scratch and has missed nothing.</summary>
    internal void Abandon()
    {
        _priorities.Clear();
        Priority = 0;
        Eviction = 0;
        WasEvicted = false;
        WasConfirmed = false;
        IsInterrupted = false;
        WasReleased = false;
        Failures = 0;
    }

    /// <summary>Erases the key that its notices are encrypted with.</summary>
    internal void ClearKey()
    {
        Cipher?.Dispose();
        Cipher = null;
    }

    /// <summary>Clears the state of the connection, so that the registration is requested as if for the first time.</summary>
    internal void Reset()
    {
        ClearKey();
        State = RegistrationState.Queued;
        HasInvalidKey = false;
        MustRenew = false;
        WasRenewed = false;
        WasReleased = false;
        RetryAt = TimeSpan.Zero;
        LastFrame = 0;
    }

    /// <summary>The TR ID and the key; for order notices only the TR ID, because the key is the HTS ID.</summary>
    public override string ToString() => Feed.IsNotice ? Feed.TrId : $"{Feed.TrId}:{Key}";
}

/// <summary>Why a registration failed.</summary>
internal enum RefusalReason
{
    /// <summary>The server refused it; the reply states the reason.</summary>
    Server,

    /// <summary>The server did not answer in time.</summary>
    NoReply,

    /// <summary>The server keeps the registration but sends no key and IV for it.</summary>
    NoNoticeKey,

    /// <summary>
    /// The program requested more new registrations than <see cref="SessionSettings.NewRegistrationsPerMinute"/> and
    /// <see cref="SessionSettings.NewRegistrationsPerHour"/> allow. Nothing was sent.
    /// </summary>
    TooManyNew,

    /// <summary>The session does not reconnect, and no other session has room for the registration.</summary>
    SessionHalted,

    /// <summary>A registration with a higher priority took its slot before the server had acknowledged it.</summary>
    Evicted,
}
