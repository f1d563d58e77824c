namespace KisFeed.Session;

internal sealed record SessionSettings
{
    /// <summary>The session's name in logs and metrics.</summary>
    public string Name { get; init; } = "1";

    /// <summary>The HTS ID whose order notices belong to this session's app key.</summary>
    public string? HtsId { get; init; }

    /// <summary>The type of customer that owns the app key.</summary>
    public CustomerType CustomerType { get; init; } = CustomerType.Person;

    /// <summary>Maximum number of registrations of the session, over all feeds. 41 as of 2026.</summary>
    public int MaxRegistrations { get; init; } = 41;

    /// <summary>Maximum number of new registrations within any minute.</summary>
    public int NewRegistrationsPerMinute { get; init; } = 150;

    /// <summary>Maximum number of new registrations within any hour.</summary>
    public int NewRegistrationsPerHour { get; init; } = 900;

    /// <summary>Time limit for the answer to a request.</summary>
    public TimeSpan ReplyTimeout { get; init; } = TimeSpan.FromSeconds(10);

    /// <summary>Minimum time between two requests.</summary>
    public TimeSpan RequestInterval { get; init; } = TimeSpan.FromMilliseconds(50);

    /// <summary>How long the connection may stay silent before it is considered dead.</summary>
    public TimeSpan WatchdogTimeout { get; init; } = TimeSpan.FromSeconds(120);

    public ReconnectPolicy Reconnect { get; init; } = ReconnectPolicy.Default;

    /// <summary>Whether the session needs permission for each connection attempt and each send.</summary>
    public bool NeedsPermit { get; init; }

    public int JitterSeed { get; init; }

    /// <summary>The name, without private data.</summary>
    public override string ToString() => $"SessionSettings {{ Name = {Name} }}";
}
