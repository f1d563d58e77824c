using System.Buffers.Text;
using System.Text;
using KisFeed.Soak.Checks;
using KisFeed.Wire;

namespace KisFeed.Soak.Consumers;

/// <summary>Parses frames without the library's readers, to detect errors in those.</summary>
internal sealed class RawFrame(FeedSchema feed, string key)
{
    private readonly byte[] _trId = Encoding.ASCII.GetBytes(feed.TrId);
    private readonly byte[] _key = Encoding.UTF8.GetBytes(key);
    private readonly int[] _cumulative = Columns(feed, ColumnRole.CumulativeVolume);
    private readonly int[] _own = Columns(feed, ColumnRole.TradeVolume);

    /// <summary>Passes each record of the key to the audit.</summary>
    /// <returns>The number of records.</returns>
    public int Read(ReadOnlySpan<byte> frame, Audit audit)
    {
        var rest = frame[2..];
        if (frame[0] != (byte)'0' || !ReadUntil((byte)'|', ref rest).SequenceEqual(_trId))
            audit.ReportError("a frame of another feed");
        var count = (int)ReadNumber(ReadUntil((byte)'|', ref rest));
        var width = (rest.Count((byte)'^') + 1) / count;
        var found = 0;
        for (var record = 0; record < count; record++)
        {
            long total = 0;
            long own = 0;
            var isOfKey = false;
            for (var column = 0; column < width; column++)
            {
                var field = ReadUntil((byte)'^', ref rest);
                if (column == feed.KeyColumn)
                    isOfKey = field.SequenceEqual(_key);
                if (_cumulative.AsSpan().Contains(column))
                    total += ReadNumber(field);
                if (_own.AsSpan().Contains(column))
                    own += ReadNumber(field);
            }

            if (!isOfKey)
                continue;
            found++;
            audit.OnRecord(new Reading(true, _cumulative.Length == 0 ? null : total, _own.Length == 0 ? null : own));
        }

        return found;
    }

    private static ReadOnlySpan<byte> ReadUntil(byte separator, ref ReadOnlySpan<byte> rest)
    {
        var length = rest.IndexOf(separator);
        var token = length < 0 ? rest : rest[..length];
        rest = length < 0 ? [] : rest[(length + 1)..];
        return token;
    }

    private static long ReadNumber(ReadOnlySpan<byte> text) =>
        Utf8Parser.TryParse(text, out long number, out var used) && used == text.Length
            ? number
            : throw new FormatException("a field of a frame is not a number");

    private static int[] Columns(FeedSchema feed, ColumnRole role) =>
        [.. feed.Columns.Index().Where(c => c.Item.Role == role).Select(c => c.Index)];
}
