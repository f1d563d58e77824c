using System.Text;
using KisFeed.Wire;

namespace KisFeed.Session;

/// <summary>One key of one feed, as asked for by the consumer (<see cref="Demand"/>) and as held by the server (<see cref="State"/>).</summary>
public sealed class Registration
{
    private readonly byte[] _keyUtf8;

    internal Registration(FeedSchema feed, string key, long order)
    {
        Feed = feed;
        Key = key;
        Order = order;
        _keyUtf8 = Encoding.UTF8.GetBytes(key);
    }

    /// <summary>The feed.</summary>
    public FeedSchema Feed { get; }

    /// <summary>The <c>tr_key</c>, exactly as asked for.</summary>
    public string Key { get; }

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

    internal long Order { get; }

    /// <summary>The cipher of this registration on the present connection.</summary>
    internal NoticeCipher? Cipher { get; set; }

    /// <summary>Whether its acknowledgement brought a key or IV of the wrong length, and none that can be used has come since.</summary>
    internal bool HasInvalidKey { get; set; }

    /// <summary>Whether it must be released and registered anew, because the server holds it but its key and IV are not known.</summary>
    internal bool MustRenew { get; set; }

    internal bool WasRenewed { get; set; }

    /// <summary>When an unanswered or refused release may be tried again.</summary>
    internal TimeSpan RetryAt { get; set; }

    /// <summary>The number of the last frame delivered, so that a frame with several of its records is delivered once.</summary>
    internal long LastFrame { get; set; }

    /// <summary>Forgets the key that its notices are encrypted with.</summary>
    internal void ClearKey()
    {
        Cipher?.Dispose();
        Cipher = null;
    }

    /// <summary>The TR ID and the key.</summary>
    public override string ToString() => $"{Feed.TrId}:{Key}";
}
