namespace KisFeed.Generator;

/// <summary>A TR ID that a record takes, and the mistake that it is if another record has taken it before.</summary>
internal sealed record FeedUse(string TrId, string Record, DiagnosticModel Mistake);
