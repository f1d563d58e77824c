using System.Diagnostics.Metrics;
using Microsoft.Extensions.Logging;

namespace KisFeed.Capture;

/// <summary>The options of a <see cref="CaptureRecorder"/>.</summary>
public sealed record CaptureRecorderOptions
{
    /// <summary>The default of <see cref="FlushInterval"/>: 1 second.</summary>
    public static TimeSpan DefaultFlushInterval => TimeSpan.FromSeconds(1);

    /// <summary>
    /// The folder and the format of the capture. The recorder sets <see cref="CaptureWriterOptions.Catalog"/> to the client's.
    /// </summary>
    public required CaptureWriterOptions Writer { get; init; }

    /// <summary>
    /// The limits of the queue while the disk is slow or cannot be written to. Frames beyond them are dropped
    /// and appear as gaps in the capture.
    /// </summary>
    public FrameTapOptions Tap { get; init; } = new();

    /// <summary>
    /// Whether order notices may be recorded, which contain account numbers, orders and fills. Default no: adding one fails.
    /// </summary>
    public bool Notices { get; init; }

    /// <summary>The maximum time until received data is on the disk. Default 1 s, at most a minute.</summary>
    public TimeSpan FlushInterval { get; init; } = DefaultFlushInterval;

    /// <summary>
    /// The delay before a failed write is retried. Doubles with each consecutive failure, up to
    /// <see cref="MaxRetryInterval"/>. Default 1 s.
    /// </summary>
    public TimeSpan RetryInterval { get; init; } = TimeSpan.FromSeconds(1);

    /// <summary>The maximum delay before a failed write is retried. Default 10 s.</summary>
    public TimeSpan MaxRetryInterval { get; init; } = TimeSpan.FromSeconds(10);

    /// <summary>How long a stopping recorder retries failed writes. Default 5 s.</summary>
    public TimeSpan StopTimeout { get; init; } = TimeSpan.FromSeconds(5);

    /// <summary>The retention limits: checked at the start, when a file is created, and every hour. Default: keep everything.</summary>
    public CaptureRetention Retention { get; init; } = new();

    /// <summary>The log of the recorder. Default none.</summary>
    public ILoggerFactory? LoggerFactory { get; init; }

    /// <summary>
    /// Creates the meter of the recorder, named <see cref="KisFeedDiagnostics.MeterName"/> like that of the client. Default
    /// none: the meter is created directly.
    /// </summary>
    public IMeterFactory? MeterFactory { get; init; }

    /// <summary>The clock. Default the system's.</summary>
    public TimeProvider TimeProvider { get; init; } = TimeProvider.System;

    /// <summary>Called before each flush. Tests use it to simulate slow and full disks.</summary>
    internal Action? BeforeFlush { get; init; }

    /// <summary>Called before each item is written. Tests use it to simulate items that cannot be written.</summary>
    internal Action<FrameItem>? BeforeWrite { get; init; }

    internal void Validate()
    {
        Require(
            FlushInterval > TimeSpan.Zero && FlushInterval <= TimeSpan.FromMinutes(1),
            nameof(FlushInterval),
            "must be positive and at most a minute");
        Require(
            RetryInterval > TimeSpan.Zero && RetryInterval <= TimeSpan.FromHours(1),
            nameof(RetryInterval),
            "must be positive and at most an hour");
        Require(
            MaxRetryInterval > TimeSpan.Zero && MaxRetryInterval <= TimeSpan.FromHours(1),
            nameof(MaxRetryInterval),
            "must be positive and at most an hour");
        Require(Retention.Problem is null, nameof(Retention), $"cannot be used: {Retention.Problem}");
        Require(StopTimeout >= TimeSpan.Zero, nameof(StopTimeout), "must not be negative");
    }

    private static void Require(bool holds, string option, string problem)
    {
        if (!holds)
            throw new ArgumentException($"{nameof(CaptureRecorderOptions)}.{option} {problem}", option);
    }
}
