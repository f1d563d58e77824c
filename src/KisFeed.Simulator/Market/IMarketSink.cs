namespace KisFeed.Simulator.Market;

/// <summary>Takes what a market tells.</summary>
public interface IMarketSink
{
    /// <summary>
    /// Called for each record of an event, once for every open stream that the event concerns. Streams may be opened and closed from here;
    /// the market may not be stepped.
    /// </summary>
    /// <param name="stream">The stream the record belongs to.</param>
    /// <param name="record">The record's fields as UTF-8, <c>^</c>-separated; valid during the call.</param>
    void OnRecord(MarketStream stream, ReadOnlySpan<byte> record);
}
