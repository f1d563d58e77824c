using System.Collections.Immutable;

namespace KisFeed.Wire;

/// <summary>What is known of one TR ID: its columns, its key, and the widths it has been met at.</summary>
public sealed record FeedSchema
{
    private readonly ImmutableArray<Column> _columns = [];
    private readonly ImmutableArray<FeedLayout> _layouts = [];
    private readonly int _timeColumn = -1;

    /// <summary>The broker's transaction id, e.g. <c>H0UPCNT0</c>.</summary>
    public required string TrId { get; init; }

    /// <summary>The TR ID under which the mock (모의투자) service has this feed; <see langword="null"/> where it does not have it.</summary>
    public string? MockTrId { get; init; }

    /// <summary>A short name for people, e.g. <c>index</c>.</summary>
    public required string Alias { get; init; }

    /// <summary>The feed's Korean title in the broker's document.</summary>
    public string Korean { get; init; } = "";

    /// <summary>What one record is, in English, e.g. <c>IndexTrade</c>.</summary>
    public required string RecordName { get; init; }

    /// <summary>The number the broker's document gives the feed, e.g. 실시간-026, where it gives one.</summary>
    public string? Document { get; init; }

    /// <summary>What the <c>tr_key</c> of a registration is, e.g. <c>sector code</c>.</summary>
    public string KeyMeaning { get; init; } = "";

    /// <summary>An example of a <c>tr_key</c>.</summary>
    public string KeyExample { get; init; } = "";

    /// <summary>
    /// Whether the feed tells of an account's orders: frames are encrypted, and belong to the registration whose key decrypts them
    /// whatever their first column says.
    /// </summary>
    public bool IsNotice { get; init; }

    /// <summary>The columns of the record type, in the order of the broker's document.</summary>
    public required ImmutableArray<Column> Columns
    {
        get => _columns;
        init
        {
            _columns = value;
            _timeColumn = TimeColumnAmong(value);
        }
    }

    /// <summary>The index of the column that holds the <c>tr_key</c>.</summary>
    public int KeyColumn { get; init; }

    /// <summary>
    /// The index of the column that says when what a record tells of happened: the one with the role <see cref="ColumnRole.Time"/>, where none has it
    /// the first that holds a time; -1 where none does.
    /// </summary>
    public int TimeColumn => _timeColumn;

    /// <summary>The revisions known, by ascending width. No two have the same width.</summary>
    public required ImmutableArray<FeedLayout> Layouts
    {
        get => _layouts;
        init
        {
            var sorted = value.Sort((a, b) => a.Width.CompareTo(b.Width));
            for (var i = 1; i < sorted.Length; i++)
            {
                if (sorted[i].Width == sorted[i - 1].Width)
                    throw new ArgumentException($"two layouts of {sorted[i].Width} columns cannot be told apart", nameof(value));
            }

            if (sorted.IsEmpty)
                throw new ArgumentException("a feed has at least one layout", nameof(value));
            _layouts = sorted;
        }
    }

    /// <summary>The indexes of the columns of a role, in order.</summary>
    public ImmutableArray<int> ColumnsWith(ColumnRole role) => [.. Columns.Index().Where(c => c.Item.Role == role).Select(c => c.Index)];

    /// <summary>The same feed with a layout more; one of the same width is replaced.</summary>
    public FeedSchema WithLayout(FeedLayout layout)
    {
        ArgumentNullException.ThrowIfNull(layout);
        return this with { Layouts = [.. Layouts.Where(l => l.Width != layout.Width), layout] };
    }

    /// <summary>
    /// Finds out how the records of a frame are laid out. A known width is that revision; a wider one is the widest known revision
    /// that fits from the front, its other columns extra; a narrower one, or fields that do not divide by the record count, is an error.
    /// A separator at the very end is an empty last column where the width says so, and surplus otherwise.
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
            shape = new FrameShape(exact, width, count, false);
            return true;
        }

        if (payload.EndsWith("^"u8) && (fields - 1) % count == 0)
        {
            var trimmed = (fields - 1) / count;
            var fit = LayoutOf(trimmed) ?? (even ? null : WidestUnder(trimmed));
            if (fit is not null)
            {
                shape = new FrameShape(fit, trimmed, count, true);
                return true;
            }
        }

        shape = default;
        if (!even)
        {
            error = new FrameError(fields < count ? FrameErrorKind.TooFewFields : FrameErrorKind.UnevenFields, frame.PayloadOffset) { Fields = fields, Count = count };
            return false;
        }

        if (WidestUnder(width) is not { } widest)
        {
            error = new FrameError(FrameErrorKind.TooFewFields, frame.PayloadOffset) { Fields = fields, Count = count };
            return false;
        }

        shape = new FrameShape(widest, width, count, false);
        return true;
    }

    /// <summary>The revision of exactly this width; <see langword="null"/> where none is known.</summary>
    internal FeedLayout? LayoutOf(int width)
    {
        foreach (var layout in _layouts)
        {
            if (layout.Width == width)
                return layout;
        }

        return null;
    }

    private static int TimeColumnAmong(ImmutableArray<Column> columns)
    {
        var times = columns.Index().Where(c => c.Item.Type == ColumnType.Time).OrderByDescending(c => c.Item.Role == ColumnRole.Time);
        return times.Select(c => c.Index).FirstOrDefault(-1);
    }

    private FeedLayout? WidestUnder(int width)
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
