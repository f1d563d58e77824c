using KisFeed.Wire;

namespace KisFeed.Session;

/// <summary>What a session is allowed and how long it waits.</summary>
public sealed record SessionSettings
{
    /// <summary>What logs and metrics call the session.</summary>
    public string Name { get; init; } = "1";

    /// <summary>The HTS ID whose order notices belong to this session's app key.</summary>
    public string? HtsId { get; init; }

    /// <summary>Whose app key it is.</summary>
    public CustomerType CustomerType { get; init; } = CustomerType.Person;

    /// <summary>Registrations that one session may hold, all feeds together. 41 as of 2026.</summary>
    public int MaxRegistrations { get; init; } = 41;

    /// <summary>New registrations within any minute.</summary>
    public int NewRegistrationsPerMinute { get; init; } = 150;

    /// <summary>New registrations within any hour.</summary>
    public int NewRegistrationsPerHour { get; init; } = 900;

    /// <summary>How long an answer to a request is awaited.</summary>
    public TimeSpan ReplyTimeout { get; init; } = TimeSpan.FromSeconds(10);

    /// <summary>The least time between two requests.</summary>
    public TimeSpan RequestInterval { get; init; } = TimeSpan.FromMilliseconds(50);

    /// <summary>How long nothing may arrive before the connection counts as dead.</summary>
    public TimeSpan WatchdogTimeout { get; init; } = TimeSpan.FromSeconds(120);

    /// <summary>How the session is made anew after a loss.</summary>
    public ReconnectPolicy Reconnect { get; init; } = ReconnectPolicy.Default;

    /// <summary>What the jitter of the delays is drawn from.</summary>
    public int JitterSeed { get; init; }

    /// <summary>The name and nothing that is private.</summary>
    public override string ToString() => $"SessionSettings {{ Name = {Name} }}";
}
