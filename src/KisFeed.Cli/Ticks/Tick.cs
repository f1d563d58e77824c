using System.Collections.Immutable;

namespace KisFeed.Cli.Ticks;

/// <summary>A record as people see it.</summary>
/// <param name="TrId">The feed.</param>
/// <param name="Key">The key within the feed.</param>
/// <param name="Name">The name of the instrument; empty where it is not known.</param>
/// <param name="Time">The time of the record, Korea time; empty where absent.</param>
/// <param name="Cells">The values, as many as the view has columns.</param>
internal sealed record Tick(string TrId, string Key, string Name, string Time, ImmutableArray<TickCell> Cells);
