using System.Buffers.Text;
using System.Globalization;
using System.Text;
using KisFeed.Wire;

namespace KisFeed.Capture.Export;

/// <summary>
/// Writes the times of records: receive time as <c>2026-11-20T00:00:01.1234567Z</c>, exchange time as <c>2026-11-20T09:00:01+09:00</c>.
/// </summary>
internal sealed class ExchangeClock
{
    public const int ReceiptLength = 28;

    public const int ExchangeLength = 25;

    private DateTime _day = DateTime.MinValue;
    private byte[] _dayText = "0001-01-01T"u8.ToArray();

    public static void WriteReceipt(Span<byte> room, DateTimeOffset receivedAt) =>
        _ = Utf8Formatter.TryFormat(receivedAt.UtcDateTime, room, out _, 'O');

    /// <summary>Writes the exchange time of a record; <see langword="false"/> if it has none.</summary>
    public bool TryWriteExchange(Span<byte> room, FeedSchema feed, in RecordFields fields, DateTimeOffset receivedAt)
    {
        if (ExchangeTime.Of(feed, fields, receivedAt) is not { } time)
            return false;
        var text = FieldText.Trim(fields[feed.TimeColumn]);
        var day = time.Date;
        if (day != _day)
        {
            _day = day;
            _dayText = Encoding.ASCII.GetBytes(day.ToString("yyyy-MM-dd'T'", CultureInfo.InvariantCulture));
        }

        _dayText.CopyTo(room);
        text[..2].CopyTo(room[11..]);
        room[13] = (byte)':';
        text[2..4].CopyTo(room[14..]);
        room[16] = (byte)':';
        text[4..6].CopyTo(room[17..]);
        "+09:00"u8.CopyTo(room[19..]);
        return true;
    }
}
