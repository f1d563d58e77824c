using KisFeed.Wire;

namespace KisFeed.Capture;

/// <summary>
/// Publishes what a gateway receives, for example to a cluster. It has a key after the recorder and before the consumers, so the recording
/// has everything that it publishes. It delays neither.
/// </summary>
public interface IFramePublisher : IAsyncDisposable
{
    /// <summary>The current status. Must return at once.</summary>
    FramePublisherStatus Status { get; }

    /// <summary>
    /// Adds a key that is recorded or is being added to the recorder. Must attach to the key before it returns its task; completes when
    /// upstream has acknowledged the key. Throws like <see cref="FrameTap.AddAsync(FeedSchema, string, CancellationToken)"/>; order notices
    /// are never added.
    /// </summary>
    Task AddAsync(FeedSchema feed, string key, CancellationToken cancellationToken);

    /// <summary>Removes a key; does nothing if it was not added.</summary>
    Task RemoveAsync(FeedSchema feed, string key);
}
