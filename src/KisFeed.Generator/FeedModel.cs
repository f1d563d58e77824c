namespace KisFeed.Generator;

/// <summary>What the generator knows of one feed that shares a record type.</summary>
internal sealed record FeedModel(
    string TrId,
    string Member,
    string? MockTrId,
    string Alias,
    string Korean,
    string? Document,
    string KeyMeaning,
    string KeyExample,
    bool IsNotice);
