namespace KisFeed.Tests.Architecture;

/// <summary>Arrows run downwards only: Client to Session to Wire, Feeds to Wire, and Wire knows nobody.</summary>
public sealed class LayerTests
{
    private static readonly HashSet<(string From, string To)> s_allowed =
    [
        ("Feeds", "Wire"),
        ("Session", "Wire"),
        ("Client", "Wire"),
        ("Client", "Feeds"),
        ("Client", "Session"),
    ];

    [Fact]
    public void NoArrowRunsUpwards()
    {
        Forbidden(SourceGraph.Library).ShouldBeEmpty();

        SourceGraph.Library.Resolved.ShouldBeGreaterThan(3000);
    }

    [Theory]
    [InlineData("Wire/Bad.cs", "namespace KisFeed.Wire; class Bad { KisFeed.Feeds.IndexTrade Trade; }", "KisFeed.Feeds.IndexTrade")]
    [InlineData("Wire/Bad.cs", "namespace KisFeed.Wire; class Bad { object Feeds => KisFeed.Feeds.GeneratedFeeds.All; }", "GeneratedFeeds")]
    [InlineData("Wire/Bad.cs", "using Sneaky = KisFeed.Feeds.ChangeSign; namespace KisFeed.Wire; class Bad;", "ChangeSign")]
    [InlineData("Session/Bad.cs", "using KisFeed.Feeds; namespace KisFeed.Session; class Bad { void M() { var f = IndexTrade.Feed; } }", "IndexTrade")]
    [InlineData("Session/Bad.cs", "using KisFeed.Feeds; namespace KisFeed.Session; class Bad { void M<T>() where T : struct, KisFeed.Wire.IFeedRecord<T> { Feed<T> feed = null; } }", "Feed<T>")]
    [InlineData("Feeds/Bad.cs", "namespace KisFeed.Feeds; class Bad { KisFeed.Session.Marker M; }", "Marker")]
    public void AnArrowUpwards_IsFound(string path, string text, string names)
    {
        var graph = SourceGraph.Library.With((path, text), ("Session/Marker.cs", "namespace KisFeed.Session; class Marker;"));

        Forbidden(graph).ShouldContain(w => w.StartsWith(path, StringComparison.Ordinal) && w.Contains(names, StringComparison.Ordinal));
    }

    [Fact]
    public void Namespaces_AreThoseOfTheFolders() =>
        SourceGraph.Library.Namespaces()
            .Where(n => n.Namespace != (n.Layer is "Client" ? "KisFeed" : $"KisFeed.{n.Layer}"))
            .ShouldBeEmpty();

    private static List<string> Forbidden(SourceGraph graph) =>
        [.. graph.Arrows().Where(a => !s_allowed.Contains((a.From, a.To))).Select(a => a.Where)];
}
