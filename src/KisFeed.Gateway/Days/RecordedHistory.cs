using KisFeed.Gateway.History;

namespace KisFeed.Gateway.Days;

/// <summary>What the gateway has recorded: as items, as days, and to complete the current days of keys.</summary>
internal sealed class RecordedHistory : IDisposable
{
    public RecordedHistory(HistorySource source, IntradayHistory current)
    {
        Source = source;
        Days = new RecordedDays(source);
        Earlier = new EarlierDays(current, Days);
    }

    public HistorySource Source { get; }

    public RecordedDays Days { get; }

    public EarlierDays Earlier { get; }

    public void Dispose()
    {
        Earlier.Dispose();
        Days.Dispose();
        Source.Dispose();
    }
}
