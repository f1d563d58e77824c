namespace KisFeed.Gateway;

/// <summary>An instrument or index with its names, by which people can find keys.</summary>
/// <param name="Kind">What it is.</param>
/// <param name="Code">Its code, which is its key in feeds.</param>
/// <param name="Name">Its Korean name.</param>
/// <param name="EnglishName">Its English name; <see langword="null"/> if unknown.</param>
public sealed record Instrument(InstrumentKind Kind, string Code, string Name, string? EnglishName = null)
{
    /// <summary>Whether its code has the format of keys of its kind.</summary>
    internal bool HasKey => InstrumentFeeds.Of(Kind, Code).Any();
}
