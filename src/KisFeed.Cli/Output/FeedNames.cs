namespace KisFeed.Cli.Output;

/// <summary>Finds feeds by TR ID or alias.</summary>
internal static class FeedNames
{
    private const int MaxSimilar = 5;

    /// <summary>Returns the feed with this TR ID or alias, case-insensitive.</summary>
    public static FeedSchema Find(FeedCatalog catalog, string name)
    {
        if (catalog.TryFind(name, out var feed))
            return feed;
        throw Unknown(catalog, name);
    }

    /// <summary>The error for a name that is not a feed.</summary>
    public static CommandException Unknown(FeedCatalog catalog, string name)
    {
        var similar = catalog.Search(name);
        if (similar.IsEmpty)
        {
            return new CommandException(UiText.Of(
                $"'{name}' is not a feed. 'kisfeed feeds' lists the feeds",
                $"'{name}': 그런 피드가 없습니다. 피드 목록은 'kisfeed feeds'로 볼 수 있습니다"));
        }
        var names = string.Join(", ", similar.Take(MaxSimilar).Select(f => $"{NameOf(f)} ({f.TrId})"));
        var more = similar.Length > MaxSimilar ? UiText.Of(" and more", " 등") : "";
        return new CommandException(UiText.Of(
            $"'{name}' is not a feed. Feeds with this in their name: {names}{more}; 'kisfeed feeds' lists them",
            $"'{name}': 그런 피드가 없습니다. 이름에 이 말이 있는 피드: {names}{more}. 피드 목록은 'kisfeed feeds'로 볼 수 있습니다"));
    }

    /// <summary>The error for a text that no feed has in its name.</summary>
    public static CommandException NotFound(string text) => new(
        UiText.Of(
            $"no feed has '{text}' in its name. Search with part of a Korean or English name, a TR ID or a market, e.g. 'kisfeed feeds "
                + "호가' or 'kisfeed feeds overseas'; 'kisfeed feeds' lists the feeds",
            $"'{text}': 이름에 이 말이 있는 피드가 없습니다. 한글 이름이나 영어 이름의 일부, TR ID, 시장으로 찾아보세요. 예: 'kisfeed feeds 호가', 'kisfeed feeds overseas'. 피드 "
                + "목록은 'kisfeed feeds'로 볼 수 있습니다"));

    /// <summary>
    /// Returns what a key of the feed is. In Korean it is the broker's word, which stands in brackets after the English one.
    /// </summary>
    public static string KeyMeaningOf(FeedSchema feed) =>
        UiText.Of(feed.KeyMeaning, feed.KeyMeaning.Split('(', ')') is [.., var korean, ""] ? korean : "HTS ID(대소문자 구별)");

    /// <summary>Returns the alias if there is one, otherwise the TR ID.</summary>
    public static string NameOf(FeedSchema feed) => feed.Alias.Length == 0 ? feed.TrId : feed.Alias;
}
