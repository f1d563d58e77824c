namespace KisFeed.Gateway;

/// <summary>What a stream wants to know before anything new.</summary>
/// <param name="After">The id of the item behind which to go on; <see langword="null"/> where it does not go on from anywhere.</param>
/// <param name="HasSnapshot">Whether it wants the last record of each key. Of one that it goes on with only where nothing is kept behind what is missing.</param>
internal sealed record StreamStart(string? After, bool HasSnapshot)
{
    /// <summary>Nothing.</summary>
    public static StreamStart Now { get; } = new(null, HasSnapshot: false);
}
