using KisFeed.Wire;

namespace KisFeed;

/// <summary>
/// Something that frames come from: the sessions of a <see cref="KisFeedClient"/>, or a cluster that others publish to. What a gateway, a
/// recorder and a publisher need of either. Thread-safe.
/// </summary>
public interface IFrameSource : IAsyncDisposable
{
    /// <summary>The feeds that the source knows, including the layouts of a layout file.</summary>
    FeedCatalog Catalog { get; }

    /// <summary>All registrations and their state.</summary>
    IReadOnlyList<RegistrationStatus> Registrations { get; }

    /// <summary>The current status of each session.</summary>
    IReadOnlyList<SessionStatus> Sessions { get; }

    /// <summary>Whether the source has order notices, so that their feeds can be added.</summary>
    bool HasNotices { get; }

    /// <summary>
    /// Completes when the source ends: successfully after it was disposed, or with a <see cref="ConnectionLostException"/> when retrying
    /// cannot help. The exception's message says what to fix.
    /// </summary>
    Task Completion { get; }

    /// <summary>
    /// The status of the sessions: first the current status of each, then again whenever it changes. A slow reader
    /// misses older changes, never the latest.
    /// </summary>
    /// <param name="cancellationToken">Ends the stream.</param>
    IAsyncEnumerable<SessionStatus> WatchSessionsAsync(CancellationToken cancellationToken = default);

    /// <summary>Opens one consumer for any number of registrations.</summary>
    /// <param name="options">The limits of its queue. Default: those of <see cref="FrameTapOptions"/>.</param>
    /// <exception cref="KisFeedConfigurationException">An option is out of range.</exception>
    /// <exception cref="ObjectDisposedException">The source was disposed.</exception>
    FrameTap OpenTap(FrameTapOptions? options = null);
}
