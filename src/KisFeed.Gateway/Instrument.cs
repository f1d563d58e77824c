namespace KisFeed.Gateway;

/// <summary>Something that is traded or reckoned, with its names: so that people can find keys by them.</summary>
/// <param name="Kind">What it is.</param>
/// <param name="Code">Its code, which is the key of the feeds that have it.</param>
/// <param name="Name">Its Korean name.</param>
/// <param name="EnglishName">Its English name; <see langword="null"/> where none is known.</param>
public sealed record Instrument(InstrumentKind Kind, string Code, string Name, string? EnglishName = null);
