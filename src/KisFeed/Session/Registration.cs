using System.Text;
using KisFeed.Wire;

namespace KisFeed.Session;

/// <summary>One key of one feed, as asked for by the consumer (<see cref="Demand"/>) and as held by the server (<see cref="State"/>).</summary>
public sealed class Registration
{
    private readonly byte[] _keyUtf8;

    internal Registration(FeedSchema feed, string key)
    {
        Feed = feed;
        Key = key;
        _keyUtf8 = Encoding.UTF8.GetBytes(key);
    }

    /// <summary>The feed.</summary>
    public FeedSchema Feed { get; }

    /// <summary>The <c>tr_key</c>, exactly as asked for.</summary>
    public string Key { get; }

    /// <summary>The session that it belongs to.</summary>
    public SessionMachine Session { get; internal set; } = null!;

    /// <summary>How many subscribers want it; the registration is released when none does.</summary>
    public int Demand { get; internal set; }

    /// <summary>How far it has come on the wire.</summary>
    public RegistrationState State { get; internal set; }

    /// <summary>Room for what the shell keeps with a registration, so that delivering a frame needs no look-up.</summary>
    public object? Subscribers { get; set; }

    /// <summary>Whether the server holds it, as far as is known; it then takes one of the session's places.</summary>
    public bool IsOnWire => State is RegistrationState.Registering or RegistrationState.Registered or RegistrationState.Unanswered or RegistrationState.Releasing;

    /// <summary>Whether the server has acknowledged it and its frames can be read.</summary>
    public bool IsConfirmed => State == RegistrationState.Registered && !MustRenew;

    internal ReadOnlySpan<byte> KeyUtf8 => _keyUtf8;

    internal long Order { get; set; }

    /// <summary>Whether the server has ever acknowledged it: then it is restored after a loss, and what fails is tried again.</summary>
    internal bool WasConfirmed { get; set; }

    /// <summary>Whether its subscribers have been told that data may be missing, and neither data nor a confirmation has come since.</summary>
    internal bool IsInterrupted { get; set; }

    /// <summary>Whether it was released to be made anew, so that its subscribers miss what comes until it is confirmed again.</summary>
    internal bool WasReleased { get; set; }

    /// <summary>Attempts to restore it that have failed since it was last confirmed.</summary>
    internal int Failures { get; set; }

    /// <summary>The sessions that had no room for it, so that it is not moved to and fro.</summary>
    internal List<SessionMachine> RefusedBy { get; } = [];

    /// <summary>The cipher of this registration on the present connection.</summary>
    internal NoticeCipher? Cipher { get; set; }

    /// <summary>Whether its acknowledgement brought a key or IV of the wrong length, and none that can be used has come since.</summary>
    internal bool HasInvalidKey { get; set; }

    /// <summary>Whether it must be released and registered anew, because the server holds it but its key and IV are not known.</summary>
    internal bool MustRenew { get; set; }

    internal bool WasRenewed { get; set; }

    /// <summary>When its next request may be sent: a release that failed, or a registration that could not be restored.</summary>
    internal TimeSpan RetryAt { get; set; }

    /// <summary>The number of the last frame of its session delivered, so that a frame with several of its records is delivered once.</summary>
    internal long LastFrame { get; set; }

    /// <summary>Nobody wants it any more: whoever comes next begins anew, and has missed nothing.</summary>
    internal void Abandon()
    {
        Demand = 0;
        WasConfirmed = false;
        IsInterrupted = false;
        WasReleased = false;
        Failures = 0;
    }

    /// <summary>Forgets the key that its notices are encrypted with.</summary>
    internal void ClearKey()
    {
        Cipher?.Dispose();
        Cipher = null;
    }

    /// <summary>Forgets all that the connection knew of it: it is to be asked for as if for the first time.</summary>
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

    /// <summary>The TR ID and the key; of order notices without it, which is the HTS ID.</summary>
    public override string ToString() => Feed.IsNotice ? Feed.TrId : $"{Feed.TrId}:{Key}";
}
