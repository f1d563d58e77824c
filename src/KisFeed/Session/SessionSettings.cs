using KisFeed.Wire;

namespace KisFeed.Session;

/// <summary>What a session is allowed and how long it waits.</summary>
public sealed record SessionSettings
{
    /// <summary>Whose app key it is.</summary>
    public CustomerType CustomerType { get; init; } = CustomerType.Person;

    /// <summary>Registrations that one session may hold, all feeds together. 41 as of 2026.</summary>
    public int MaxRegistrations { get; init; } = 41;

    /// <summary>How long an answer to a request is awaited.</summary>
    public TimeSpan ReplyTimeout { get; init; } = TimeSpan.FromSeconds(10);

    /// <summary>The least time between two requests.</summary>
    public TimeSpan RequestInterval { get; init; } = TimeSpan.FromMilliseconds(50);
}
