namespace KisFeed.Feeds;

/// <summary>
/// Says that a <c>readonly partial record struct</c> is the record of a feed. The source generator then gives it a decoder, an encoder,
/// a column table and, for each of these attributes, a static <see cref="Feed{TRecord}"/>.
/// </summary>
/// <param name="trId">The broker's transaction id.</param>
[AttributeUsage(AttributeTargets.Struct, AllowMultiple = true, Inherited = false)]
public sealed class FeedAttribute(string trId) : Attribute
{
    /// <summary>The broker's transaction id.</summary>
    public string TrId { get; } = trId;

    /// <summary>The name of the static property that stands for the feed; <c>Feed</c> unless said otherwise.</summary>
    public string Member { get; init; } = "Feed";

    /// <summary>The TR ID on the mock (모의투자) service, where it has the feed.</summary>
    public string? MockTrId { get; init; }

    /// <summary>A short name for people, e.g. <c>index</c>.</summary>
    public string Alias { get; init; } = "";

    /// <summary>The Korean title in the broker's document.</summary>
    public string Korean { get; init; } = "";

    /// <summary>The number of the feed in the broker's document, e.g. 실시간-026.</summary>
    public string? Document { get; init; }

    /// <summary>What the <c>tr_key</c> is, e.g. <c>sector code</c>.</summary>
    public string KeyMeaning { get; init; } = "";

    /// <summary>An example of a <c>tr_key</c>.</summary>
    public string KeyExample { get; init; } = "";

    /// <summary>Whether the feed tells of an account's orders, encrypted.</summary>
    public bool IsNotice { get; init; }
}
