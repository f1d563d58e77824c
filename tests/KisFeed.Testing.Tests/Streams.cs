using KisFeed.Feeds;

namespace KisFeed.Testing.Tests;

/// <summary>Reads what tests publish.</summary>
internal static class Streams
{
    public static StockTrade Trade(string code, decimal price) => new() { Code = code, Price = price };

    /// <summary>A stream in a line each: prices of records, and events by their names and reasons.</summary>
    public static async Task<List<string>> ReadToEndAsync(Subscription<StockTrade> subscription)
    {
        List<string> texts = [];
        await foreach (var item in subscription.ReadItemsAsync())
            texts.Add(TextOf(item));
        return texts;
    }

    public static string TextOf(FeedItem<StockTrade> item) => item.Event switch
    {
        null => $"{item.Record.Code} {item.Record.Price}",
        Interruption interruption => $"interruption {interruption.Reason}",
        Gap gap => $"gap {gap.Reason} {gap.Frames} {gap.MissedVolume}".TrimEnd(),
        MalformedFrame malformed => $"malformed {malformed.Error.Kind}",
        var other => other.ToString(),
    };
}
