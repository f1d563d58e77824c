namespace KisFeed;

/// <summary>
/// Why a session does not reconnect. Only <see cref="BadCredentials"/> and <see cref="Failed"/> end a session
/// for which the policy sets no limit.
/// </summary>
public enum HaltReason
{
    /// <summary>The policy does not allow reconnecting.</summary>
    NoReconnect,

    /// <summary>The app key or the app secret is wrong.</summary>
    BadCredentials,

    /// <summary>The server did not know approval keys that were issued immediately before, for as long as the policy allows.</summary>
    ApprovalKeyRefused,

    /// <summary>Another session has held the app key for as long as the policy allows.</summary>
    AppKeyInUse,

    /// <summary>The service rejected connections, or ended them before any data arrived, for as long as the policy allows.</summary>
    Fruitless,

    /// <summary>Connections were established, but nothing at all arrived on them, for as long as the policy allows.</summary>
    Silent,

    /// <summary>An error in this library.</summary>
    Failed,

    /// <summary>The service could not be reached for as long as the policy allows.</summary>
    Unreachable,
}
