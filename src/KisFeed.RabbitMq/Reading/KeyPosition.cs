using System.Runtime.InteropServices;
using System.Text.Json.Serialization;
using KisFeed.Capture.Reading;

namespace KisFeed.RabbitMq.Reading;

/// <summary>The content of a position of one key.</summary>
internal sealed record KeyPosition
{
    public const int CurrentVersion = 1;

    public int Version { get; init; } = CurrentVersion;

    /// <summary>The stream.</summary>
    public required string Stream { get; init; }

    public required string TrId { get; init; }

    public required string Key { get; init; }

    /// <summary>
    /// The offset of the message to read first: the first one of which entries are unread. Entries up to the watermarks are dropped.
    /// <see langword="null"/> before the first message.
    /// </summary>
    public long? Offset { get; init; }

    /// <summary>
    /// The time with which the reader began; <see langword="null"/> for the first message. Without an offset, the time from which to read.
    /// </summary>
    public DateTimeOffset? From { get; init; }

    /// <summary>How far each source was read.</summary>
    public required IReadOnlyDictionary<string, SourceWatermark> Sources { get; init; }

    /// <summary>The highest epoch of the key.</summary>
    public uint KeyEpoch { get; init; }

    /// <summary>The source that has the key.</summary>
    public string? Holder { get; init; }

    /// <summary>Whether it was released or refused, and no frame has followed.</summary>
    [JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingDefault)]
    public bool IsReleased { get; init; }

    /// <summary>What is known for gaps and missed volumes.</summary>
    public KeyHistoryState? History { get; init; }

    /// <summary>An entry of which some items were returned; <see langword="null"/> if all were.</summary>
    public PartialEntry? Partial { get; init; }
}

/// <summary>How far a source was read.</summary>
/// <param name="Epoch">The epoch.</param>
/// <param name="Sequence">The sequence number of the last entry.</param>
/// <param name="At">The time of the last frame.</param>
/// <param name="RepeatedUntil">Entries up to this time were read in an earlier epoch; <see langword="null"/>
/// after the first later frame.</param>
[StructLayout(LayoutKind.Auto)]
internal readonly record struct SourceWatermark(ulong Epoch, ulong Sequence, DateTimeOffset At, DateTimeOffset? RepeatedUntil);

/// <summary>An entry of which some items were returned.</summary>
/// <param name="Source">Its source.</param>
/// <param name="Epoch">Its epoch.</param>
/// <param name="Sequence">Its sequence number.</param>
/// <param name="Items">The number of items returned.</param>
internal sealed record PartialEntry(string Source, ulong Epoch, ulong Sequence, int Items);
