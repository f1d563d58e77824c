namespace KisFeed.Generator;

/// <summary>A layout besides the record's own: its width, and its elements unless they are the record's first ones.</summary>
internal sealed record RevisionModel(int Width, EquatableArray<string>? Elements);
