using System.Collections.Immutable;
using System.Runtime.CompilerServices;
using System.Text.RegularExpressions;

namespace KisFeed.Wire;

/// <summary>The schema of one TR ID: its columns, its key and its known layouts.</summary>
public sealed record FeedSchema
{
    private static readonly TimeSpan s_matchLimit = TimeSpan.FromSeconds(1);

    private readonly ImmutableArray<Column> _columns = [];
    private readonly ImmutableArray<FeedLayout> _layouts = [];
    private readonly int _timeColumn = -1;
    private readonly int _dateColumn = -1;
    private readonly ImmutableArray<int> _order = [];
    private readonly ImmutableArray<int> _presentColumns = [];
    private readonly ImmutableArray<RecordMember> _members = [];
    private readonly PriceScales? _priceScales;

    /// <summary>The broker's transaction id, e.g. <c>H0UPCNT0</c>.</summary>
    public required string TrId { get; init; }

    /// <summary>The TR ID of this feed on the mock (모의투자) service; <see langword="null"/> if that service does not have it.</summary>
    public string? MockTrId { get; init; }

    /// <summary>The document that says whether the mock service offers the feed; <see langword="null"/> if that is not known.</summary>
    public string? MockSource { get; init; }

    /// <summary>Whether only the mock service has this TR ID: another feed is its counterpart on production.</summary>
    public bool IsMockOnly { get; init; }

    /// <summary>A short name for people, e.g. <c>index</c>.</summary>
    public required string Alias { get; init; }

    /// <summary>The feed's Korean title in the broker's document.</summary>
    public string Korean { get; init; } = "";

    /// <summary>The market, by which feeds are listed.</summary>
    public FeedMarket Market { get; init; }

    /// <summary>The English name of a record, e.g. <c>IndexTrade</c>.</summary>
    public required string RecordName { get; init; }

    /// <summary>The number of the feed in the broker's document, e.g. 실시간-026, if it has one.</summary>
    public string? Document { get; init; }

    /// <summary>The kind of the <c>tr_key</c> of a registration, e.g. <c>sector code</c>.</summary>
    public string KeyMeaning { get; init; } = "";

    /// <summary>An example of a <c>tr_key</c>.</summary>
    public string KeyExample { get; init; } = "";

    /// <summary>
    /// The usual form of a key, a regular expression for the whole key; empty if none is known. The broker decides which keys it accepts: a
    /// key of another form is worth a warning, not a refusal.
    /// </summary>
    public string KeyForm { get; init; } = "";

    /// <summary>What precedes a key that people type without it; empty if nothing does.</summary>
    public string KeyPrefix { get; init; } = "";

    /// <summary>
    /// The prefixes of keys whose instruments are also traded by day, each with that of the key for it: <c>DNAS=RBAQ</c>, separated by
    /// commas. Empty if there are none.
    /// </summary>
    public string DayTimePrefixes { get; init; } = "";

    /// <summary>
    /// Whether the feed carries the order notices of an account: frames are encrypted and belong to the registration whose key decrypts
    /// them, whatever their first column contains.
    /// </summary>
    public bool IsNotice { get; init; }

    /// <summary>
    /// Whether the feed is of markets outside Korea although it is listed elsewhere, as the notices of overseas orders are.
    /// </summary>
    public bool IsOverseas { get; init; }

    /// <summary>
    /// Whether the feed sends what is expected of an auction instead of trades. Its quantities are not traded: its columns
    /// have no roles of volumes or turnovers.
    /// </summary>
    public bool IsExpected { get; init; }

    /// <summary>The columns of the record type, in the order of the broker's document.</summary>
    public required ImmutableArray<Column> Columns
    {
        get => _columns;
        init
        {
            _columns = value;
            HasScaledPrices = value.Any(column => column.IsScaled);
            _layouts = Scaled(_layouts, _priceScales);
            _timeColumn = TimeColumnAmong(value);
            _dateColumn = value.Index().Where(c => c.Item.Role == ColumnRole.Date).Select(c => c.Index).FirstOrDefault(-1);
            _order = OrderOf(_order, value, _layouts);
            _presentColumns = PresentAmong(_order, _layouts);
            _members = RecordMember.AllOf(value, _presentColumns);
        }
    }

    /// <summary>The index of the column that holds the <c>tr_key</c>.</summary>
    public int KeyColumn { get; init; }

    /// <summary>
    /// The index of the column with the time of the recorded event: the one with the role <see cref="ColumnRole.Time"/>, or else the
    /// first time column; -1 if there is none.
    /// </summary>
    public int TimeColumn => _timeColumn;

    /// <summary>
    /// The index of the column with the date of <see cref="TimeColumn"/> in Korea, <see cref="ColumnRole.Date"/>; -1 if there is none.
    /// </summary>
    public int DateColumn => _dateColumn;

    /// <summary>Whether the feed is known to be of a Korean market, whose sessions decide the date of a time of day.</summary>
    internal bool HasKoreanSession => !IsOverseas && Market is not (FeedMarket.Other or FeedMarket.Overseas);

    /// <summary>The known revisions by ascending width. No two have the same width.</summary>
    public required ImmutableArray<FeedLayout> Layouts
    {
        get => _layouts;
        init
        {
            var sorted = value.Sort((a, b) => a.Width.CompareTo(b.Width));
            for (var i = 1; i < sorted.Length; i++)
            {
                if (sorted[i].Width == sorted[i - 1].Width)
                    throw new ArgumentException($"two layouts of {sorted[i].Width} columns cannot be distinguished", nameof(value));
            }

            if (sorted.IsEmpty)
                throw new ArgumentException("a feed must have at least one layout", nameof(value));
            _layouts = Scaled(sorted, _priceScales);
            _order = OrderOf(_order, _columns, sorted);
            _presentColumns = PresentAmong(_order, sorted);
            _members = RecordMember.AllOf(_columns, _presentColumns);
        }
    }

    /// <summary>The width of the layout that the broker sends today, which may be narrower than a former one; 0 for the widest.</summary>
    public int CurrentWidth { get; init; }

    /// <summary>The layout that the broker sends today.</summary>
    public FeedLayout CurrentLayout => LayoutOf(CurrentWidth) ?? Layouts[^1];

    /// <summary>Whether prices are sent without their decimal places, whose number differs between contracts.</summary>
    public bool HasScaledPrices { get; private init; }

    /// <summary>
    /// The decimal places of the prices of a feed with <see cref="HasScaledPrices"/>; <see langword="null"/> if they are not known.
    /// </summary>
    public PriceScales? PriceScales
    {
        get => _priceScales;
        init
        {
            _priceScales = value;
            _layouts = Scaled(_layouts, value);
        }
    }

    /// <summary>
    /// The indexes of the columns that at least one layout has: those of the feed's widest own layout in its order, then the others.
    /// Layouts that are added later do not change the order. Feeds that share a record type need not have all of its columns.
    /// </summary>
    public ImmutableArray<int> PresentColumns => _presentColumns;

    /// <summary>The present columns as a reader of the record sees them: alone, or together in a group.</summary>
    internal ImmutableArray<RecordMember> Members => _members;

    /// <summary>The indexes of the columns with a role, in order.</summary>
    public ImmutableArray<int> ColumnsWith(ColumnRole role) => [.. Columns.Index().Where(c => c.Item.Role == role).Select(c => c.Index)];

    /// <summary>Whether a key has the usual form. True if none is known.</summary>
    public bool IsUsualKey(string key)
    {
        ArgumentNullException.ThrowIfNull(key);
        return KeyForm.Length == 0 || Regex.IsMatch(key, $@"^(?:{KeyForm})\z", RegexOptions.CultureInvariant, s_matchLimit);
    }

    /// <summary>
    /// Completes a key that people type without its prefix: us:aapl and us:NASAAPL are DNASAAPL. A key of the usual form, or one that
    /// cannot be completed to it, is returned as given.
    /// </summary>
    internal string CompleteKey(string key)
    {
        if (KeyPrefix.Length == 0 || IsUsualKey(key))
            return key;

        // An exchange without the letter before it is not a symbol: NASAAPL is not DNASNASAAPL.
        var upper = key.ToUpperInvariant();
        string[] candidates = [upper, KeyPrefix[..1] + upper, KeyPrefix + upper];
        return Array.Find(candidates, IsUsualKey) ?? key;
    }

    /// <summary>
    /// The key under which the same instrument is traded by day (미국 주간거래): <c>RBAQAAPL</c> for <c>DNASAAPL</c>. Each of the two keys is a
    /// registration of its own, and neither has the other's data.
    /// </summary>
    /// <returns>The key; <see langword="null"/> if the instrument is not traded by day, or the key is already that of the day.</returns>
    public string? DayTimeKeyOf(string key)
    {
        ArgumentNullException.ThrowIfNull(key);
        foreach (var prefixes in DayTimePrefixes.Split(',', StringSplitOptions.RemoveEmptyEntries))
        {
            var (usual, day) = (prefixes[..prefixes.IndexOf('=')], prefixes[(prefixes.IndexOf('=') + 1)..]);
            if (key.Length > usual.Length && key.StartsWith(usual, StringComparison.Ordinal))
                return day + key[usual.Length..];
        }

        return null;
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    internal ReadOnlySpan<byte> KeyOf(scoped in RecordFields fields) => FieldText.Trim(fields[KeyColumn]);

    /// <summary>
    /// Whether a record of a registration's frame belongs to the registration's key. A frame may have records of several keys; an order
    /// notice belongs to the registration that decrypted it, however it spells the customer.
    /// </summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    internal bool IsOfKey(scoped in RecordFields fields, ReadOnlySpan<byte> key) => IsNotice || KeyOf(fields).SequenceEqual(key);

    /// <summary>
    /// Returns the feed with an additional layout, which replaces one of the same width. It is the current one if it is wider than that.
    /// </summary>
    public FeedSchema WithLayout(FeedLayout layout)
    {
        ArgumentNullException.ThrowIfNull(layout);
        var current = Math.Max(layout.Width, CurrentLayout.Width);
        return this with { Layouts = [.. Layouts.Where(l => l.Width != layout.Width), layout], CurrentWidth = current };
    }

    /// <summary>
    /// Determines the layout of a frame's records. A known width selects that revision. A wider record selects the widest known revision,
    /// and its other columns are extra. A narrower record, or a number of fields that the record count does not divide, is an error. A
    /// separator at the very end is an empty last column if the width requires it, and surplus otherwise.
    /// </summary>
    public bool TryResolve(in DataFrame frame, out FrameShape shape, out FrameError error)
    {
        var payload = frame.Payload;
        var fields = payload.Count((byte)'^') + 1;
        var count = frame.Count;
        var (width, rest) = count == 1 ? (fields, 0) : Math.DivRem(fields, count);
        var even = rest == 0;
        error = default;

        if (even && LayoutOf(width) is { } exact)
        {
            shape = new FrameShape(exact, width, count, false) { StatedDay = frame.StatedDay };
            return true;
        }

        if (payload.EndsWith("^"u8) && (fields - 1) % count == 0)
        {
            var trimmed = (fields - 1) / count;
            var fit = LayoutOf(trimmed) ?? (even ? null : WidestUnder(trimmed));
            if (fit is not null)
            {
                shape = new FrameShape(fit, trimmed, count, true) { StatedDay = frame.StatedDay };
                return true;
            }
        }

        shape = default;
        if (!even)
        {
            error = new FrameError(fields < count ? FrameErrorKind.TooFewFields : FrameErrorKind.UnevenFields, frame.PayloadOffset)
            {
                Fields = fields,
                Count = count,
            };
            return false;
        }

        if (WidestUnder(width) is not { } widest)
        {
            error = new FrameError(FrameErrorKind.TooFewFields, frame.PayloadOffset) { Fields = fields, Count = count };
            return false;
        }

        shape = new FrameShape(widest, width, count, false) { StatedDay = frame.StatedDay };
        return true;
    }

    /// <summary>The revision of exactly this width; <see langword="null"/> if none is known.</summary>
    internal FeedLayout? LayoutOf(int width)
    {
        foreach (var layout in _layouts)
        {
            if (layout.Width == width)
                return layout;
        }

        return null;
    }

    private ImmutableArray<FeedLayout> Scaled(ImmutableArray<FeedLayout> layouts, PriceScales? scales) =>
        HasScaledPrices && !layouts.IsDefault ? [.. layouts.Select(layout => layout.WithPriceScales(scales, KeyColumn))] : layouts;

    private static ImmutableArray<int> PresentAmong(ImmutableArray<int> order, ImmutableArray<FeedLayout> layouts) =>
        [.. order.Where(column => layouts.Any(layout => column < layout.ColumnCount && layout.PositionOf(column) >= 0))];

    // Copies of a feed with other layouts keep its order.
    private static ImmutableArray<int> OrderOf(
        ImmutableArray<int> known, ImmutableArray<Column> columns, ImmutableArray<FeedLayout> layouts)
    {
        if (known.Length == columns.Length && known.Length > 0)
            return known;
        return layouts.IsEmpty ? [] : [.. Enumerable.Range(0, columns.Length).OrderBy(PositionInWidest)];

        int PositionInWidest(int column) =>
            column < layouts[^1].ColumnCount && layouts[^1].PositionOf(column) is >= 0 and var position ? position : int.MaxValue;
    }

    private static int TimeColumnAmong(ImmutableArray<Column> columns)
    {
        var times = columns.Index().Where(c => c.Item.Type == ColumnType.Time).OrderByDescending(c => c.Item.Role == ColumnRole.Time);
        return times.Select(c => c.Index).FirstOrDefault(-1);
    }

    /// <summary>The widest known revision that is not wider; <see langword="null"/> if all are.</summary>
    internal FeedLayout? WidestUnder(int width)
    {
        FeedLayout? best = null;
        foreach (var layout in _layouts)
        {
            if (layout.Width <= width)
                best = layout;
        }

        return best;
    }
}
