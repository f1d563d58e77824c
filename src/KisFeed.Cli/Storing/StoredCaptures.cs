using KisFeed.PostgreSql;

namespace KisFeed.Cli.Storing;

/// <summary>What a schema of a database holds.</summary>
internal sealed record StoredCaptures(IReadOnlyList<PostgreSqlStoredFeed> Feeds, string Schema, Database Database)
{
    private IEnumerable<IGrouping<string, PostgreSqlStoredFeed>> Captures => Feeds.GroupBy(feed => feed.Capture, StringComparer.Ordinal);

    public void WriteText(TextWriter text)
    {
        if (Feeds.Count == 0)
            text.Write($"nothing is stored in {Schema} of {Database}\n");
        foreach (var capture in Captures)
        {
            text.Write($"{PrintableText.Clean(capture.Key)} in {Schema} of {Database}: "
                + $"{CountText.Of(capture.Sum(feed => feed.Records), "record")}\n");
            var table = new TextTable("feed", "-records", "last record (Korea)", "-files", "newest file", "-stored of it", "at (Korea)");
            foreach (var feed in capture)
            {
                table.Add(
                    feed.TrId,
                    $"{feed.Records:N0}",
                    Time(feed.LastAt),
                    $"{feed.Files:N0}",
                    PrintableText.Clean(feed.File),
                    ByteSize.Text(feed.Position),
                    Time(feed.StoredAt));
            }

            table.WriteTo(text);
        }
    }

    public string ToJson() => Json.Document(new
    {
        Schema,
        Captures = Captures.Select(capture => new
        {
            Name = capture.Key,
            Records = capture.Sum(feed => feed.Records),
            LastAt = KoreaTimeOf(capture.Max(feed => feed.LastAt)),
            Feeds = capture.Select(feed => new
            {
                Feed = feed.TrId,
                feed.Records,
                LastAt = KoreaTimeOf(feed.LastAt),
                feed.Files,
                feed.File,
                feed.Position,
                StoredAt = KoreaTimeOf(feed.StoredAt),
            }),
        }),
    });

    private static string? KoreaTimeOf(DateTimeOffset? time) =>
        time is { } at ? KoreaTime.From(at).ToString("O", CultureInfo.InvariantCulture) : null;

    private static string Time(DateTimeOffset? time) => time is { } at ? $"{KoreaTime.From(at):yyyy-MM-dd HH:mm:ss}" : "";
}
