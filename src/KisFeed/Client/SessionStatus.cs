using KisFeed.Session;

namespace KisFeed;

/// <summary>How the session of an app key is doing.</summary>
public sealed record SessionStatus
{
    /// <summary>The name of its app key: <see cref="AppCredentials.Name"/>, or its place in the list.</summary>
    public required string Name { get; init; }

    /// <summary>Where it is in its life.</summary>
    public required SessionPhase Phase { get; init; }

    /// <summary>Registrations that are wanted of it.</summary>
    public required int Desired { get; init; }

    /// <summary>Registrations that the server has acknowledged on the present connection.</summary>
    public required int Confirmed { get; init; }

    /// <summary>Registrations that it may hold.</summary>
    public required int Places { get; init; }

    /// <summary>New registrations that may be asked for just now (<see cref="KisFeedOptions.NewRegistrationsPerMinute"/>, <see cref="KisFeedOptions.NewRegistrationsPerHour"/>).</summary>
    public int NewRegistrationsLeft { get; init; } = int.MaxValue;

    /// <summary>Connections that stood so far, the present one included.</summary>
    public required long Connections { get; init; }

    /// <summary>Attempts and connections since data last arrived that came to nothing.</summary>
    public required int Failures { get; init; }

    /// <summary>When the next attempt to connect is made, while it waits for that.</summary>
    public DateTimeOffset? NextAttemptAt { get; init; }

    /// <summary>When anything last arrived, heartbeats included; <see langword="null"/> while it is not connected.</summary>
    public DateTimeOffset? LastReceivedAt { get; init; }

    /// <summary>What went wrong last, in words, while it is not connected. Holds no secret.</summary>
    public string? Problem { get; init; }

    /// <summary>Why no further attempt is made, where none is.</summary>
    public HaltReason? HaltReason { get; init; }

    /// <summary>Where the data come from, as a KisFeed server told; <see langword="null"/> where none did: the broker does not.</summary>
    public DataSource? Source { get; init; }
}

/// <summary>Where data come from.</summary>
public enum DataSource
{
    /// <summary>The broker's service.</summary>
    Service,

    /// <summary>A simulated market.</summary>
    Simulation,

    /// <summary>A day that was recorded.</summary>
    Replay,
}
