namespace KisFeed.Session;

/// <summary>Why a session makes no further attempt: the circuit is open, because waiting does not mend this.</summary>
public enum HaltReason
{
    /// <summary>The policy allows no second attempt.</summary>
    NoReconnect,

    /// <summary>The app key or the app secret is wrong.</summary>
    BadCredentials,

    /// <summary>The server does not know approval keys that were issued just before.</summary>
    ApprovalKeyRefused,

    /// <summary>Another session has held the app key for as long as the policy waits.</summary>
    AppKeyInUse,

    /// <summary>The service turns connections down, or ends them before they have brought anything, again and again.</summary>
    Fruitless,

    /// <summary>Connections stand, but nothing at all arrives on them, again and again.</summary>
    Silent,

    /// <summary>The client itself failed: a mistake in this library.</summary>
    Failed,
}
