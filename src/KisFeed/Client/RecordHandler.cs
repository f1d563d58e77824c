namespace KisFeed;

/// <summary>Takes a record. The record is valid during the call; copy it to keep it.</summary>
/// <typeparam name="TRecord">The type of the feed's records.</typeparam>
public delegate void RecordHandler<TRecord>(in TRecord record)
    where TRecord : struct;
