using KisFeed.Wire;

namespace KisFeed.Gateway;

/// <summary>
/// Publishes what a gateway receives, for example to a cluster. It has a key after the recorder and before the consumers, so the recording has everything that it publishes. It
/// delays neither.
/// </summary>
public interface IFramePublisher : IAsyncDisposable
{
    /// <summary>The current status. Must return at once.</summary>
    FramePublisherStatus Status { get; }

    /// <summary>Adds a key that is recorded. Completes when upstream has acknowledged it. Throws like <see cref="FrameTap.AddAsync"/>; order notices are never added.</summary>
    Task AddAsync(FeedSchema feed, string key, CancellationToken cancellationToken);

    /// <summary>Removes a key; does nothing if it was not added.</summary>
    Task RemoveAsync(FeedSchema feed, string key);
}

/// <summary>How much a publisher has published.</summary>
public sealed record FramePublisherStatus
{
    /// <summary>Whether it publishes: nothing fails, and it has not ended.</summary>
    public required bool IsPublishing { get; init; }

    /// <summary>Whether frames are published as they are received, rather than from the recording.</summary>
    public required bool IsLive { get; init; }

    /// <summary>Whether it has ended.</summary>
    public bool HasEnded { get; init; }

    /// <summary>The time since which it has not published; <see langword="null"/> if it does.</summary>
    public DateTimeOffset? ProblemSince { get; init; }

    /// <summary>Why, in a few words without names of hosts, users and files, because consumers see it; <see langword="null"/> if it publishes.</summary>
    public string? Problem { get; init; }

    /// <summary>Everything received up to this time is published; <see langword="null"/> before the first.</summary>
    public DateTimeOffset? PublishedAt { get; init; }

    /// <summary>How old the first frame is that is not published; zero if frames are published as they are received.</summary>
    public TimeSpan Lag { get; init; }

    /// <summary>Frames and events published since it was started, counted once for each stream that has them.</summary>
    public required long Published { get; init; }

    /// <summary>Frames and events that it has read from the recording, because it was behind.</summary>
    public required long CaughtUp { get; init; }

    /// <summary>Frames that are not published, and are reported as gaps. The recording has them.</summary>
    public required long Dropped { get; init; }
}
