using System.Text;
using KisFeed.Capture;
using KisFeed.RabbitMq.Format;

namespace KisFeed.RabbitMq;

/// <summary>The options of a <see cref="RabbitMqPublisher"/>.</summary>
public sealed record RabbitMqPublisherOptions
{
    /// <summary>The cluster and its streams.</summary>
    public required RabbitMqClusterOptions Cluster { get; init; }

    /// <summary>
    /// The id of this publisher among all of the cluster, the same at each start: 1 to 64 bytes of UTF-8. Two publishers with the same id
    /// at the same time make readers drop the frames of one.
    /// </summary>
    public required string Source { get; init; }

    /// <summary>
    /// The recorder of the same client and keys. What cannot be published while the cluster is away, or after a restart, is read from its
    /// files. Default none: what does not fit in the queue (<see cref="Tap"/>) is missing, and reported as a gap.
    /// </summary>
    public CaptureRecorder? Recorder { get; init; }

    /// <summary>
    /// The file in which the publisher keeps how far it came, so that its next start continues there. Used only with
    /// <see cref="Recorder"/>. Default <c>SOURCE.published.json</c> in the folder of the capture.
    /// </summary>
    public string? PositionFile { get; init; }

    /// <summary>
    /// About how many frames and events a batch has: it is sent with so many if no others wait, and has at most a
    /// quarter more. Default 20, at most 1,000.
    /// </summary>
    public int BatchFrames { get; init; } = 20;

    /// <summary>How long a frame waits for others before its batch is sent. Default 5 ms, at most 1 s.</summary>
    public TimeSpan MaxBatchAge { get; init; } = TimeSpan.FromMilliseconds(5);

    /// <summary>The number of batches that may wait for their confirmation. Default 256, at most 4,096.</summary>
    public int MaxUnconfirmedBatches { get; init; } = 256;

    /// <summary>The limits of the queue between the client and the publisher. Default 10,000 frames or 8 MiB.</summary>
    public FrameTapOptions Tap { get; init; } = new() { Capacity = 10_000, MaxBytes = 8 << 20 };

    /// <summary>
    /// How long new streams keep their data, as RabbitMQ writes it: <c>7D</c>, <c>12h</c>. Default <c>7D</c>.
    /// Streams that exist keep their own limits.
    /// </summary>
    public string MaxAge { get; init; } = "7D";

    /// <summary>The maximum size of each new stream, in bytes. Default 10 GB.</summary>
    public long MaxStreamBytes { get; init; } = 10_000_000_000;

    /// <summary>The size of a segment of each new stream, in bytes. Whole segments are deleted. Default 50 MB.</summary>
    public int SegmentBytes { get; init; } = 50_000_000;

    /// <summary>The number of nodes that hold each new stream. Default <see langword="null"/>: all nodes of the cluster.</summary>
    public int? Replicas { get; init; }

    /// <summary>How long a stopping publisher waits until everything is confirmed. Default 5 s.</summary>
    public TimeSpan StopTimeout { get; init; } = TimeSpan.FromSeconds(5);

    internal string PositionPath => PositionFile ?? Path.Combine(Recorder!.Directory, $"{Source}.published.json");

    internal Dictionary<string, object?> StreamArguments
    {
        get
        {
            var arguments = new Dictionary<string, object?>(StringComparer.Ordinal)
            {
                ["x-queue-type"] = "stream",
                ["x-queue-leader-locator"] = "least-leaders",
                ["x-max-age"] = MaxAge,
                ["x-max-length-bytes"] = MaxStreamBytes,
                ["x-stream-max-segment-size-bytes"] = SegmentBytes,
            };
            if (Replicas is { } replicas)
                arguments["x-initial-cluster-size"] = replicas;
            return arguments;
        }
    }

    internal void Validate()
    {
        Cluster.Validate();
        RabbitMqClusterOptions.Require(
            Encoding.UTF8.GetByteCount(Source) is > 0 and <= BatchFormat.MaxSourceLength,
            nameof(Source),
            $"must have 1 to {BatchFormat.MaxSourceLength} bytes");
        RabbitMqClusterOptions.Require(
            PositionFile is not null || Recorder is null || Source.AsSpan().IndexOfAny(Path.GetInvalidFileNameChars()) < 0,
            nameof(Source),
            $"is '{Source}', which is not a file name: set {nameof(PositionFile)}");
        RabbitMqClusterOptions.Require(BatchFrames is > 0 and <= 1000, nameof(BatchFrames), $"is {BatchFrames}: set 1 to 1000");
        RabbitMqClusterOptions.Require(
            MaxBatchAge >= TimeSpan.Zero && MaxBatchAge <= TimeSpan.FromSeconds(1), nameof(MaxBatchAge), "must be 0 to 1 s");
        RabbitMqClusterOptions.Require(
            MaxUnconfirmedBatches is > 0 and <= BatchFormat.MaxUnconfirmed,
            nameof(MaxUnconfirmedBatches),
            $"is {MaxUnconfirmedBatches}: set 1 to {BatchFormat.MaxUnconfirmed}");
        RabbitMqClusterOptions.Require(
            MaxAge.Length > 1 && char.IsAsciiDigit(MaxAge[0]), nameof(MaxAge), $"is '{MaxAge}': use a number and a unit, e.g. 7D or 12h");
        RabbitMqClusterOptions.Require(MaxStreamBytes > 0, nameof(MaxStreamBytes), "must be positive");
        RabbitMqClusterOptions.Require(SegmentBytes > 0, nameof(SegmentBytes), "must be positive");
        RabbitMqClusterOptions.Require(Replicas is not < 1, nameof(Replicas), $"is {Replicas}: set at least 1, or do not set it");
        RabbitMqClusterOptions.Require(StopTimeout >= TimeSpan.Zero, nameof(StopTimeout), "must not be negative");
    }
}
