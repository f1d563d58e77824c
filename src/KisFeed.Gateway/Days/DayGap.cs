using System.Collections.Immutable;

namespace KisFeed.Gateway;

/// <summary>A stretch of a key's day of which data are missing, by exchange time.</summary>
/// <param name="From">When the last record before it was, of any key of the session: until then one of this key would have been received.</param>
/// <param name="To">When the first record after it was; <see langword="null"/> while it goes on.</param>
/// <param name="Reason">Why, as answers spell it.</param>
/// <param name="Before">What each series had before it, in their order.</param>
/// <param name="After">What each has after it; empty while it goes on.</param>
internal readonly record struct DayGap(DateTimeOffset From, DateTimeOffset? To, string Reason, ImmutableArray<decimal?> Before, ImmutableArray<decimal?> After);
