using System.Buffers;
using System.Collections.Concurrent;
using System.Collections.Frozen;
using System.Diagnostics.CodeAnalysis;
using System.Globalization;
using System.Text;
using KisFeed.Wire;

namespace KisFeed.Server.Protocol;

/// <summary>
/// The form of the records that a client was written for: the width of the records of some feeds, and whether each has a frame
/// of its own. The broker appends columns without notice, and many published clients then drop every record or give each column
/// the name of the one before; others read only one record of a frame. Thread-safe; equal texts are one object for each parser,
/// so that their clients share frames.
/// </summary>
internal sealed class LayoutRevision
{
    /// <summary>
    /// The layouts before the broker began to append columns in March 2025, for which most published clients were written.
    /// </summary>
    public const string Of2024 = "2024";

    /// <summary>The layouts from March 2025 on, for which the broker's own samples of July 2026 were written.</summary>
    public const string Of2025 = "2025";

    /// <summary>Each record in a frame of its own, for clients that read only one record of a frame.</summary>
    public const string Single = "single";

    private const string MarketDataWidths =
        "H0STCNT0=46,H0NXCNT0=46,H0UNCNT0=46,H0STASP0=59,H0NXASP0=65,H0UNASP0=65,H0STANC0=45,H0NXANC0=46,"
        + "H0UNANC0=46,H0IFCNI0=22,H0IFCNI9=22";

    // The after-hours book has nine levels in the table of its document, and the overseas book of those samples has one level.
    private const string WidthsOf2025 = MarketDataWidths + ",H0STOAA0=54,HDFSASP0=17";

    private const string WidthsOf2024 = MarketDataWidths + ",H0STCNI0=23,H0STCNI9=23,H0GSCNI0=21,H0GSCNI9=21";

    private readonly FrozenDictionary<string, FeedLayout> _layouts;
    private readonly ConcurrentDictionary<(FeedLayout Source, FeedLayout Target), int[]> _positions = [];

    private LayoutRevision(string name, bool isSingle, Dictionary<string, FeedLayout> layouts)
    {
        Name = name;
        IsSingle = isSingle;
        _layouts = layouts.ToFrozenDictionary(StringComparer.Ordinal);
    }

    /// <summary>The text that was parsed.</summary>
    public string Name { get; }

    /// <summary>Whether each record is sent in a frame of its own.</summary>
    public bool IsSingle { get; }

    /// <summary>
    /// Parses a list such as <c>2025,H0STCNI0=23,single</c>: the name of a revision, widths of feeds, which replace those of
    /// the name, and <see cref="Single"/>.
    /// </summary>
    public static bool TryParse(
        string text, FeedCatalog catalog, [NotNullWhen(true)] out LayoutRevision? revision, [NotNullWhen(false)] out string? problem)
    {
        revision = null;
        problem = null;
        var items = text.Split(',');
        var isSingle = items.Contains(Single, StringComparer.Ordinal);
        var name = items.FirstOrDefault(static item => NamedWidths(item) is not null);
        Dictionary<string, FeedLayout> layouts = new(StringComparer.Ordinal);
        foreach (var item in items.Where(item => item != Single && item != name))
        {
            if (!TryAdd(item, catalog, layouts, out problem))
                return false;
        }

        var named = new Dictionary<string, FeedLayout>(StringComparer.Ordinal);
        foreach (var item in NamedWidths(name)?.Split(',') ?? [])
        {
            if (!TryAdd(item, catalog, named, out problem))
                return false;
        }

        foreach (var (trId, layout) in named)
            layouts.TryAdd(trId, layout);
        revision = new LayoutRevision(text, isSingle, layouts);
        return true;
    }

    /// <summary>Parses the option of a server; <see langword="null"/> for none.</summary>
    /// <exception cref="ArgumentException">The text is not a revision.</exception>
    public static LayoutRevision? Parse(string? text, FeedCatalog catalog, string option)
    {
        if (text is null)
            return null;
        return TryParse(text, catalog, out var revision, out var problem)
            ? revision
            : throw new ArgumentException($"the option {option} is not valid: {problem}", option);
    }

    /// <summary>Whether records of a feed may be changed.</summary>
    public bool Concerns(string trId) => _layouts.ContainsKey(trId);

    /// <summary>The feed with the layout of this revision among the known ones, to read what was cut.</summary>
    public FeedSchema FeedOf(FeedSchema feed) => _layouts.TryGetValue(feed.TrId, out var layout) ? feed.WithLayout(layout) : feed;

    /// <summary>
    /// Writes a record with the columns of this revision, each at its place. A column that the record lacks is empty; but a record that
    /// lacks only the last ones, or whose columns are unknown, is written as it is.
    /// </summary>
    public void WriteRecord(FeedSchema feed, ReadOnlySpan<byte> record, IBufferWriter<byte> output)
    {
        var width = record.Count((byte)'^') + 1;
        if (!_layouts.TryGetValue(feed.TrId, out var target)
            || width == target.Width
            || PositionsIn(feed, width, target) is not [_, ..] positions)
        {
            output.Write(record);
            return;
        }

        Span<Range> fields = stackalloc Range[FeedLayout.MaxWidth];
        var known = Math.Min(width, FeedLayout.MaxWidth);
        var count = 0;
        foreach (var field in record.Split((byte)'^'))
        {
            if (count == known)
                break;
            fields[count++] = field;
        }

        for (var i = 0; i < positions.Length; i++)
        {
            if (i > 0)
                output.Write("^"u8);
            if (positions[i] >= 0)
                output.Write(record[fields[positions[i]]]);
        }
    }

    /// <summary>
    /// Writes the next frame in the form of this revision: one with all records of the original, or with the next of them if each has a
    /// frame of its own. Everything else is unchanged. Returns <see langword="false"/> after the last.
    /// </summary>
    /// <param name="feed">The feed.</param>
    /// <param name="frame">The original frame, not encrypted.</param>
    /// <param name="reader">Before the first record that was not written yet.</param>
    /// <param name="output">Where to write.</param>
    public bool TryWriteFrame(FeedSchema feed, in DataFrame frame, ref RecordReader reader, IBufferWriter<byte> output)
    {
        if (!reader.MoveNext())
            return false;
        FrameWriter.WriteHeader(output, frame, IsSingle ? 1 : frame.Count);
        WriteRecord(feed, reader.Current.Text, output);
        while (!IsSingle && reader.MoveNext())
        {
            output.Write("^"u8);
            WriteRecord(feed, reader.Current.Text, output);
        }

        return true;
    }

    // For each column of the revision its position in a record of another width, -1 for one that was not sent;
    // empty to leave the record as it is.
    private int[] PositionsIn(FeedSchema feed, int width, FeedLayout target)
    {
        if ((width < target.Width ? feed.LayoutOf(width) : feed.WidestUnder(width)) is not { } source)
            return [];
        return _positions.TryGetValue((source, target), out var known)
            ? known
            : _positions.GetOrAdd((source, target), PositionsIn(feed, source, target));
    }

    private static int[] PositionsIn(FeedSchema feed, FeedLayout source, FeedLayout target)
    {
        Dictionary<string, int> positions = new(StringComparer.OrdinalIgnoreCase);
        foreach (var (position, column) in source.WireColumns(feed.Columns).Index())
            positions[column.Element] = position;
        int[] found = [.. target.WireColumns(feed.Columns).Select(column => positions.GetValueOrDefault(column.Element, -1))];
        return source.Width < target.Width && !found.AsSpan(..source.Width).Contains(-1) ? [] : found;
    }

    // A width that no document has is that of the first columns.
    private static FeedLayout LayoutOf(FeedSchema feed, int columns)
    {
        if (feed.LayoutOf(columns) is { } known)
            return known;
        var longer = columns < feed.CurrentLayout.Width ? feed.CurrentLayout : feed.Layouts[^1];
        return FeedLayout.Of(feed.Columns, longer.WireColumns(feed.Columns)[..columns]);
    }

    private static string? NamedWidths(string? name) => name switch
    {
        Of2024 => WidthsOf2024,
        Of2025 => WidthsOf2025,
        _ => null,
    };

    private static bool TryAdd(
        string item, FeedCatalog catalog, Dictionary<string, FeedLayout> layouts, [NotNullWhen(false)] out string? problem)
    {
        var (trId, width) = item.IndexOf('=') is > 0 and var at ? (item[..at].ToUpperInvariant(), item[(at + 1)..]) : (item, "");
        if (!int.TryParse(width, NumberStyles.None, CultureInfo.InvariantCulture, out var columns)
            || columns is < 1 or > FeedLayout.MaxWidth)
        {
            problem = $"'{Shorten(item)}' is not a revision; use {Of2025} or {Of2024}, the number of columns of each feed, e.g. "
                + $"H0STCNT0=46,H0STASP0=59, or {Single}";
        }
        else if (!catalog.TryGet(Encoding.UTF8.GetBytes(trId), out var feed))
        {
            problem = $"'{Shorten(trId)}' is not the TR ID of a feed; 'kisfeed feeds' lists them";
        }
        else if (columns <= feed.KeyColumn || columns > feed.Layouts[^1].Width)
        {
            problem = $"{feed.TrId} cannot have {columns} columns: use {feed.KeyColumn + 1} to {feed.Layouts[^1].Width}";
        }
        else if (!layouts.TryAdd(trId, LayoutOf(feed, columns)))
        {
            problem = $"{feed.TrId} occurs twice";
        }
        else
        {
            problem = null;
        }
        return problem is null;
    }

    private static string Shorten(string text) => text.Length <= 40 ? text : $"{text[..40]}…";
}
