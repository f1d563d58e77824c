namespace KisFeed.Session;

/// <summary>Why a registration did not come about.</summary>
public enum RefusalReason
{
    /// <summary>The server refused it; the reply says why.</summary>
    Server,

    /// <summary>The server did not answer in time.</summary>
    NoReply,

    /// <summary>The server keeps the registration but gives no key and IV for it.</summary>
    NoNoticeKey,

    /// <summary>More new registrations were made than <see cref="SessionSettings.NewRegistrationsPerMinute"/> and <see cref="SessionSettings.NewRegistrationsPerHour"/> allow. Nothing was sent.</summary>
    TooManyNew,

    /// <summary>The session makes no further attempt to connect, and no other can take the registration.</summary>
    SessionHalted,
}
