using KisFeed.Soak.Checks;

namespace KisFeed.Soak.Consumers;

/// <summary>Reads of a record what its audit needs.</summary>
/// <typeparam name="TRecord">The type of the feed's records.</typeparam>
/// <param name="record">The record.</param>
/// <param name="key">The key that was subscribed to.</param>
internal delegate Reading ReadRecord<TRecord>(in TRecord record, string key)
    where TRecord : struct;
