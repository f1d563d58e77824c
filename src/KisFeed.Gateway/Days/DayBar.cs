namespace KisFeed.Gateway;

/// <summary>What one column of one key did in one minute.</summary>
/// <param name="Minute">Which minute of the day, by exchange time: 540 is 09:00.</param>
/// <param name="Open">The first value.</param>
/// <param name="High">The highest.</param>
/// <param name="Low">The lowest.</param>
/// <param name="Close">The last.</param>
/// <param name="Records">How many records it is made of.</param>
internal readonly record struct DayBar(int Minute, decimal Open, decimal High, decimal Low, decimal Close, int Records);
