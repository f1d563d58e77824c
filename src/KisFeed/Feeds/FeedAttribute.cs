using KisFeed.Wire;

namespace KisFeed.Feeds;

/// <summary>
/// Marks a <c>readonly partial record struct</c> as the record of a feed. The source generator then adds a decoder, an encoder, a column
/// table and, for each of these attributes, a static <see cref="Feed{TRecord}"/>.
/// </summary>
/// <param name="trId">The broker's TR ID on the production service.</param>
[AttributeUsage(AttributeTargets.Struct, AllowMultiple = true, Inherited = false)]
public sealed class FeedAttribute(string trId) : Attribute
{
    /// <summary>The broker's TR ID on the production service.</summary>
    public string TrId { get; } = trId;

    /// <summary>The name of the static property that holds the feed. Default: <c>Feed</c>.</summary>
    public string Member { get; init; } = "Feed";

    /// <summary>The TR ID on the mock (모의투자) service, if it offers the feed. It may be that of production.</summary>
    public string? MockTrId { get; init; }

    /// <summary>
    /// The document that says whether the mock service offers the feed. Without one it is not known: the feed is requested there like any
    /// other, and the broker's answer decides.
    /// </summary>
    public string? MockSource { get; init; }

    /// <summary>A short name for people, e.g. <c>index</c>.</summary>
    public string Alias { get; init; } = "";

    /// <summary>The Korean title in the broker's document.</summary>
    public string Korean { get; init; } = "";

    /// <summary>The market, by which feeds are listed.</summary>
    public FeedMarket Market { get; init; }

    /// <summary>The number of the feed in the broker's document, e.g. 실시간-026.</summary>
    public string? Document { get; init; }

    /// <summary>The meaning of the <c>tr_key</c>, e.g. <c>sector code</c>.</summary>
    public string KeyMeaning { get; init; } = "";

    /// <summary>An example of a <c>tr_key</c>.</summary>
    public string KeyExample { get; init; } = "";

    /// <summary>
    /// The usual form of a <c>tr_key</c>, a regular expression for the whole key; empty if it has none. Other keys are passed on as well.
    /// </summary>
    public string KeyForm { get; init; } = "";

    /// <summary>
    /// What precedes a key that people type without it, e.g. the exchange of a symbol; empty if nothing does. The command and the
    /// gateway add it; the library does not.
    /// </summary>
    public string KeyPrefix { get; init; } = "";

    /// <summary>
    /// The prefixes of keys whose instruments are also traded by day, each with that of the key for it, e.g. <c>DNAS=RBAQ</c>, separated by
    /// commas.
    /// </summary>
    public string DayTimePrefixes { get; init; } = "";

    /// <summary>Columns whose element has another name in this feed, each as <c>RECORD=FEED</c>.</summary>
    public string[] Renamed { get; init; } = [];

    /// <summary>
    /// Whether the feed sends what is expected of an auction instead of trades. Its quantities are not traded, so its columns
    /// have no roles of volumes or turnovers.
    /// </summary>
    public bool IsExpected { get; init; }

    /// <summary>How this feed's document spells the elements that another feed of the record has in the other case.</summary>
    public ElementCase ElementCase { get; init; }

    /// <summary>The unit that <c>{price}</c> stands for in the units of the record's columns.</summary>
    public string? PriceUnit { get; init; }

    /// <summary>The unit that <c>{turnover}</c> stands for in the units of the record's columns.</summary>
    public string? TurnoverUnit { get; init; }

    /// <summary>Whether the feed sends encrypted notices about an account's orders.</summary>
    public bool IsNotice { get; init; }

    /// <summary>
    /// Whether the feed is of markets outside Korea although it is listed elsewhere: Korean sessions do not decide the date of a time.
    /// </summary>
    public bool IsOverseas { get; init; }
}

/// <summary>The case of a feed's element names.</summary>
public enum ElementCase
{
    /// <summary>As the record's attributes spell them.</summary>
    AsDeclared,

    /// <summary>Lower case.</summary>
    Lower,

    /// <summary>Upper case.</summary>
    Upper,
}

/// <summary>The Korean name of a code, on the member of an enum of codes.</summary>
/// <param name="korean">The name in the broker's document.</param>
[AttributeUsage(AttributeTargets.Field, Inherited = false)]
public sealed class CodeNameAttribute(string korean) : Attribute
{
    /// <summary>The name in the broker's document.</summary>
    public string Korean { get; } = korean;
}

/// <summary>
/// Marks a <c>readonly partial record struct</c> as a member of groups of columns. Its properties are the possible columns of a member;
/// those that a feed does not have are <see langword="null"/> there.
/// </summary>
[AttributeUsage(AttributeTargets.Struct, Inherited = false)]
public sealed class ColumnGroupAttribute : Attribute;
