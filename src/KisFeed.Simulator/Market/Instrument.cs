namespace KisFeed.Simulator.Market;

/// <summary>An instrument that the market lists. Others can be asked for too: they are made up from the seed.</summary>
/// <param name="Code">Its code: the <c>tr_key</c> of its feeds, except for a future, which has none.</param>
/// <param name="Name">Its Korean name.</param>
/// <param name="Kind">What it is.</param>
public sealed record Instrument(string Code, string Name, InstrumentKind Kind);
