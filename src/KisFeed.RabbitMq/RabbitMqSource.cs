using KisFeed.RabbitMq.Delivering;
using KisFeed.Wire;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Logging.Abstractions;

namespace KisFeed.RabbitMq;

/// <summary>
/// A cluster as a source of frames: what publishers have sent to its streams reaches taps as if it came from a session of this
/// machine, with gaps, interruptions and malformed frames in their places, each once. A key begins when it is added. After a lost
/// connection each stream continues where it was, so that nothing is missing; what the streams do not have any more is a gap. Order
/// notices are never published, and are refused.
/// </summary>
/// <remarks>
/// A frame keeps the time at which its publisher received it, unless a later one was delivered before, or the time is in the future: times
/// increase from frame to frame. Of a frame with records of several keys, taps get the records of the wanted keys; if the keys belong to
/// several streams, they get a frame from each.
/// </remarks>
/// <example>
/// <code>
/// await using var source = RabbitMqSource.Start(new() { Cluster = new() { Nodes = [new("amqp://broker")] } });
/// await using var tap = source.OpenTap();
/// await tap.AddAsync(IndexTrade.Feed.Schema, "0001");
/// await foreach (var frame in tap.ReadFramesAsync())
///     Use(frame);
/// </code>
/// </example>
public sealed class RabbitMqSource : IFrameSource
{
    /// <summary>The name of the only session: <see cref="SessionStatus.Name"/>.</summary>
    public const string SessionName = "cluster";

    private readonly SourceRuntime _runtime;

    private RabbitMqSource(RabbitMqSourceOptions options)
    {
        Catalog = options.Catalog;
        _runtime = new SourceRuntime(options, (options.Cluster.LoggerFactory ?? NullLoggerFactory.Instance).CreateLogger<RabbitMqSource>());
    }

    /// <inheritdoc/>
    public FeedCatalog Catalog { get; }

    /// <inheritdoc/>
    public IReadOnlyList<RegistrationStatus> Registrations => _runtime.Registrations();

    /// <summary>The connections to the cluster as one session, which is open when everything that is wanted is being read.</summary>
    public IReadOnlyList<SessionStatus> Sessions => [_runtime.Status()];

    /// <summary>Never: order notices are not published.</summary>
    public bool HasNotices { get; }

    /// <inheritdoc/>
    public Task Completion => _runtime.Ended;

    /// <summary>Frames and events that were dropped because they had been read before.</summary>
    public long Duplicates => _runtime.Duplicates;

    /// <summary>Messages that were skipped because they are not batches of a publisher. What they lack is reported as a gap.</summary>
    public long Malformed => _runtime.Malformed;

    /// <summary>
    /// How long ago the last batch that was delivered had been received from the broker when it was delivered; <see langword="null"/>
    /// before the first. The clocks of two machines are compared, so it may be off by their difference.
    /// </summary>
    public TimeSpan? Lag => _runtime.Lag;

    /// <summary>
    /// Starts a source without keys. It connects in the background, as often as necessary; <see cref="Sessions"/> shows the progress.
    /// </summary>
    /// <exception cref="ArgumentException">An option is not valid.</exception>
    public static RabbitMqSource Start(RabbitMqSourceOptions options)
    {
        ArgumentNullException.ThrowIfNull(options);
        options.Validate();
        var source = new RabbitMqSource(options);
        source._runtime.Start();
        return source;
    }

    /// <inheritdoc/>
    public IAsyncEnumerable<SessionStatus> WatchSessionsAsync(CancellationToken cancellationToken = default) =>
        _runtime.WatchAsync(cancellationToken);

    /// <inheritdoc/>
    public FrameTap OpenTap(FrameTapOptions? options = null)
    {
        options ??= new FrameTapOptions();
        options.Validate();
        return new FrameTap(_runtime, _runtime.OpenTap(options), Catalog, KisEnvironment.Simulator);
    }

    /// <summary>Ends all connections. Queued items can still be read; then the taps end.</summary>
    public ValueTask DisposeAsync() => _runtime.DisposeAsync();
}
