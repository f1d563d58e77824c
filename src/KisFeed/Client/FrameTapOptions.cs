namespace KisFeed;

/// <summary>How much a <see cref="FrameTap"/> may keep until it is read. What does not fit is dropped as it arrives, counted, and told as a gap.</summary>
public sealed record FrameTapOptions
{
    /// <summary>Frames that may wait to be read. Default 100,000.</summary>
    public int Capacity { get; init; } = 100_000;

    /// <summary>Bytes of memory that waiting frames may take; one frame may wait however large it is. Default 128 MiB.</summary>
    public long MaxBytes { get; init; } = 128L << 20;

    internal void Validate()
    {
        if (Capacity <= 0)
            throw new KisFeedConfigurationException($"{nameof(FrameTapOptions)}.{nameof(Capacity)} must be positive.");
        if (MaxBytes <= 0)
            throw new KisFeedConfigurationException($"{nameof(FrameTapOptions)}.{nameof(MaxBytes)} must be positive.");
    }
}
