using System.Diagnostics.CodeAnalysis;
using System.Globalization;
using System.Text.Unicode;
using KisFeed.Gateway.History;

namespace KisFeed.Gateway.Dispatching;

/// <summary>
/// The id of an item, <c>EPOCH-NUMBER-POSITION</c>. A stream resumes by the number while the gateway that gave it still has the item, and
/// otherwise by the position, if the gateway records.
/// </summary>
/// <param name="Epoch">Identifies a run of the gateway.</param>
/// <param name="Number">The number of the item in that run, over all feeds; 0 for a recorded one.</param>
/// <param name="Position">The position behind the item in the order of receipt.</param>
internal sealed record StreamId(string Epoch, long Number, HistoryPosition Position)
{
    public static string Format(string epoch, StreamItem item) =>
        string.Create(CultureInfo.InvariantCulture, $"{epoch}-{item.Number}-{item.Position}");

    public static ReadOnlySpan<byte> Format(string epoch, long number, HistoryPosition position, Span<byte> buffer) =>
        Utf8.TryWrite(buffer, CultureInfo.InvariantCulture, $"{epoch}-{number}-{position.Ticks:x}.{position.Record}", out var length)
            ? buffer[..length]
            : throw new ArgumentException("the buffer is too short for an id", nameof(buffer));

    /// <summary>Whether a text is an id. Those of earlier versions of the gateway have no position; a stream cannot resume there.</summary>
    public static bool IsId(string text) => TryParse(text, out _)
        || (text.Split('-') is [_, var digits] && long.TryParse(digits, NumberStyles.None, CultureInfo.InvariantCulture, out _));

    public static bool TryParse(string text, [NotNullWhen(true)] out StreamId? id)
    {
        id = text.Split('-') is [var epoch, var digits, var last]
            && long.TryParse(digits, NumberStyles.None, CultureInfo.InvariantCulture, out var number)
            && HistoryPosition.TryParse(last, out var position)
            ? new StreamId(epoch, number, position)
            : null;
        return id is not null;
    }
}
