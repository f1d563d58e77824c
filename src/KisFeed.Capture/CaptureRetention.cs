namespace KisFeed.Capture;

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
