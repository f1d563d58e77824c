using KisFeed.Cli.Ticks;

namespace KisFeed.Cli.Watching;

/// <summary>A row of the live table.</summary>
/// <param name="Tick">The tick that it shows; <see langword="null"/> before the first.</param>
/// <param name="Venue">The venue of its feed; empty where there is only one.</param>
/// <param name="ReceivedAt">When the tick was received.</param>
internal readonly record struct LiveRow(Tick? Tick, string Venue, DateTimeOffset ReceivedAt);
