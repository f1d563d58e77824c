namespace KisFeed.Gateway;

/// <summary>A stretch of a key's day of which data are missing, by exchange time.</summary>
/// <param name="From">When the last record before it was.</param>
/// <param name="To">When the first record after it was; <see langword="null"/> while it goes on.</param>
/// <param name="Reason">Why, as answers spell it.</param>
internal readonly record struct DayGap(DateTimeOffset From, DateTimeOffset? To, string Reason);
