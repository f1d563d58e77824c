using System.Diagnostics.Metrics;
using Microsoft.Extensions.Logging;

namespace KisFeed.Capture;

/// <summary>What is recorded, where to, and what is done when it cannot be.</summary>
public sealed record CaptureRecorderOptions
{
    /// <summary>Where and how the capture is written. The recorder sets <see cref="CaptureWriterOptions.Catalog"/> to the client's.</summary>
    public required CaptureWriterOptions Writer { get; init; }

    /// <summary>How much may wait while the disk is slow or cannot be written to. What does not fit is dropped and stands as gaps in the capture.</summary>
    public FrameTapOptions Tap { get; init; } = new();

    /// <summary>Whether order notices may be recorded, which hold account numbers, orders and fills. Default no: adding one fails.</summary>
    public bool Notices { get; init; }

    /// <summary>What was received is on the disk after this time at the latest. Default 1 s, at most a minute.</summary>
    public TimeSpan FlushInterval { get; init; } = TimeSpan.FromSeconds(1);

    /// <summary>How long to wait before what could not be written is written again. Doubles with each failure in a row, up to <see cref="MaxRetryInterval"/>. Default 1 s.</summary>
    public TimeSpan RetryInterval { get; init; } = TimeSpan.FromSeconds(1);

    /// <summary>The longest wait before what could not be written is written again. Default 10 s.</summary>
    public TimeSpan MaxRetryInterval { get; init; } = TimeSpan.FromSeconds(10);

    /// <summary>For how long a recorder that is to end goes on trying to write what it has. Default 5 s.</summary>
    public TimeSpan EndPatience { get; init; } = TimeSpan.FromSeconds(5);

    /// <summary>How much of the folder is kept: checked at the start, when a file is begun, and every hour. Default all.</summary>
    public CaptureRetention Retention { get; init; } = new();

    /// <summary>Where the recorder logs. Default nowhere.</summary>
    public ILoggerFactory? LoggerFactory { get; init; }

    /// <summary>Makes the recorder's meter, which has the name of the client's (<see cref="KisFeedDiagnostics.MeterName"/>). Default none: a meter is made directly.</summary>
    public IMeterFactory? MeterFactory { get; init; }

    /// <summary>The clock. Default the system's.</summary>
    public TimeProvider TimeProvider { get; init; } = TimeProvider.System;

    /// <summary>Done before each flush, where the disk would be written to, so that tests have slow disks and full ones.</summary>
    internal Action? BeforeFlush { get; init; }

    /// <summary>Done before each item is put down, so that tests have items that cannot be.</summary>
    internal Action<TapItem>? BeforeWrite { get; init; }

    internal void Validate()
    {
        Require(FlushInterval > TimeSpan.Zero && FlushInterval <= TimeSpan.FromMinutes(1), nameof(FlushInterval), "must be positive and at most a minute");
        Require(RetryInterval > TimeSpan.Zero && RetryInterval <= TimeSpan.FromHours(1), nameof(RetryInterval), "must be positive and at most an hour");
        Require(MaxRetryInterval > TimeSpan.Zero && MaxRetryInterval <= TimeSpan.FromHours(1), nameof(MaxRetryInterval), "must be positive and at most an hour");
        Require(Retention.Problem is null, nameof(Retention), $"cannot be used: {Retention.Problem}");
        Require(EndPatience >= TimeSpan.Zero, nameof(EndPatience), "must not be negative");
    }

    private static void Require(bool holds, string option, string problem)
    {
        if (!holds)
            throw new ArgumentException($"{nameof(CaptureRecorderOptions)}.{option} {problem}", option);
    }
}

/// <summary>
/// How much of a capture folder is kept. The oldest files are deleted first, each one whole and with its entry in the manifest. Never deleted are files that are being written, the newest file of each
/// feed of the present day, which a recorder may continue, and anything that is not a capture file of a recorder.
/// </summary>
public sealed record CaptureRetention
{
    /// <summary>
    /// Days of receipt in Korea that are kept, the present one included; calendar days, whether or not the market was open. A file belongs to one day, the one in the name of its folder.
    /// <see langword="null"/>, the default, for no limit; at least 1.
    /// </summary>
    public int? KeepDays { get; init; }

    /// <summary>Bytes that all capture files of the folder may take together, those being written included. <see langword="null"/>, the default, for no limit; above 0.</summary>
    public long? MaxBytes { get; init; }

    internal bool HasLimit => KeepDays is not null || MaxBytes is not null;

    /// <summary>What is wrong with it; <see langword="null"/> for nothing.</summary>
    internal string? Problem =>
        KeepDays is < 1 ? $"{nameof(KeepDays)} is {KeepDays}: set at least 1, or leave it out"
        : MaxBytes is < 1 ? $"{nameof(MaxBytes)} is {MaxBytes}: set more than 0, or leave it out"
        : null;
}
