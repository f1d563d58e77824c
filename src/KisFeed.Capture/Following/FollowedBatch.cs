namespace KisFeed.Capture.Following;

/// <summary>Items of one file, from one position to another.</summary>
internal sealed record FollowedBatch
{
    /// <summary>The TR ID in the name of the file.</summary>
    public required string Feed { get; init; }

    /// <summary>The day in Korea in the name of the file's folder.</summary>
    public required DateOnly Day { get; init; }

    /// <summary>The path within the folder of the capture.</summary>
    public required string File { get; init; }

    /// <summary>The time of the file's first line, if it can be read.</summary>
    public required DateTimeOffset? FirstAt { get; init; }

    /// <summary>The position up to which earlier batches have read the file.</summary>
    public required long From { get; init; }

    /// <summary>The position after the last item: the boundary of a block, where no line is open.</summary>
    public required long To { get; init; }

    /// <summary>Whether the last block marks the end of a file that was closed normally.</summary>
    public required bool IsClosed { get; init; }

    /// <summary>
    /// Whether the file is not the one that was read up to <see cref="From"/>, so that it was read from its beginning: some
    /// of its items may be known already.
    /// </summary>
    public bool IsRestarted { get; init; }

    public required IReadOnlyList<FollowedItem> Items { get; init; }

    public required int TextLength { get; init; }

    /// <summary>The offset of <see cref="Bytes"/>: <see cref="From"/>, or the beginning of a file that is read again.</summary>
    public long Start => IsRestarted ? 0 : From;

    /// <summary>
    /// The blocks up to <see cref="To"/>, as in the file; empty if they are too long to be kept, because much of them is damaged.
    /// </summary>
    public required ReadOnlyMemory<byte> Bytes { get; init; }
}

/// <summary>A frame, an event or a problem, and where it begins, which identifies it in the capture.</summary>
/// <param name="Item">The item.</param>
/// <param name="Position">The offset of the block in which its line begins; of damaged data, their own.</param>
/// <param name="Line">The number of the line among those that begin in the block, from 0.</param>
/// <param name="Text">The text of a line that is neither a frame nor an event; otherwise empty.</param>
internal readonly record struct FollowedItem(CaptureItem Item, long Position, int Line, ReadOnlyMemory<byte> Text);
