namespace KisFeed.Capture;

/// <summary>
/// The retention limits of a capture folder. The oldest files are deleted first, each with its entry in the manifest. Never
/// deleted are files being written, the newest file of each feed of the current day, which a recorder may continue, and anything
/// that is not a capture file of a recorder.
/// </summary>
public sealed record CaptureRetention
{
    /// <summary>
    /// The number of days to keep, including the current one: calendar days of receipt in Korea, trading days or not. A file belongs to the
    /// day in the name of its folder. At least 1. Default <see langword="null"/>: no limit.
    /// </summary>
    public int? KeepDays { get; init; }

    /// <summary>
    /// The maximum total size of all capture files in the folder, in bytes, including those being written. Above 0.
    /// Default <see langword="null"/>: no limit.
    /// </summary>
    public long? MaxBytes { get; init; }

    internal bool HasLimit => KeepDays is not null || MaxBytes is not null;

    /// <summary>Why the limits are not valid; <see langword="null"/> if they are.</summary>
    internal string? Problem =>
        KeepDays is < 1 ? $"{nameof(KeepDays)} is {KeepDays}: set at least 1, or do not set it"
        : MaxBytes is < 1 ? $"{nameof(MaxBytes)} is {MaxBytes}: set more than 0, or do not set it"
        : null;
}
