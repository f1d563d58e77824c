namespace KisFeed.Coordination.Tests.Model;

/// <summary>The kinds of faults of a simulated cluster.</summary>
[Flags]
internal enum ModelFaults
{
    None = 0,

    /// <summary>Nobody reaches the store for a while.</summary>
    StoreAway = 1 << 0,

    /// <summary>A process cannot reach the store for a while.</summary>
    Cut = 1 << 1,

    /// <summary>Requests are executed late, also after they have failed.</summary>
    SlowStore = 1 << 2,

    /// <summary>The answer of an executed request is lost.</summary>
    LostAnswers = 1 << 3,

    /// <summary>Processes end without notice, and are started again.</summary>
    Crashes = 1 << 4,

    /// <summary>Processes do not run for a while (SIGSTOP), and then continue with everything late.</summary>
    Freezes = 1 << 5,

    /// <summary>Processes end properly.</summary>
    Stops = 1 << 6,

    /// <summary>Clocks run at different speeds, up to 2 % apart.</summary>
    Clocks = 1 << 7,

    /// <summary>Sessions break.</summary>
    Drops = 1 << 8,

    /// <summary>Keys are refused, permanently or for one session.</summary>
    Refusals = 1 << 9,

    /// <summary>Sessions halt: the ingest has no slots for a while.</summary>
    Halts = 1 << 10,

    /// <summary>Notifications are lost.</summary>
    LostNotifications = 1 << 11,

    /// <summary>A session cannot reach the broker for a while.</summary>
    Lines = 1 << 12,
}
