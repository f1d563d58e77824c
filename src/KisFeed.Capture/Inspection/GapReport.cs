namespace KisFeed.Capture;

/// <summary>A gap, and of what.</summary>
/// <param name="TrId">The TR ID.</param>
/// <param name="Key">The key. Of order notices it is an HTS ID.</param>
/// <param name="Gap">The gap.</param>
public sealed record GapReport(string TrId, string Key, Gap Gap)
{
    /// <summary>How long it lasts; <see langword="null"/> where it has no beginning or no end in the capture.</summary>
    public TimeSpan? Duration => Gap.To - Gap.From;
}
