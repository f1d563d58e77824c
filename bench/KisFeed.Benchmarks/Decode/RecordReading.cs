namespace KisFeed.Benchmarks.Decode;

/// <summary>Reads every property of a record, and gives something that hangs on all of them.</summary>
internal delegate long RecordReading<TRecord>(in TRecord record);
