using System.Buffers;
using System.Globalization;
using System.Text;
using System.Text.Json;
using KisFeed.Wire;

namespace KisFeed.Capture;

/// <summary>Writes gaps as CSV of their own.</summary>
internal sealed class GapCsv
{
    public GapCsv(NameStyle names)
    {
        Text.Write(names == NameStyle.Kis ? "feed,key,from,to,reason,frames,missed_volume"u8 : "feed,key,from,to,reason,frames,missedVolume"u8);
        Text.Write(RecordCsv.LineEnd);
    }

    public ArrayBufferWriter<byte> Text { get; } = new();

    public void Add(FeedSchema feed, ReadOnlySpan<byte> key, Gap gap)
    {
        Text.Write(Encoding.ASCII.GetBytes(feed.TrId));
        Text.Write(","u8);
        RecordCsv.WriteText(Text, key);
        var reason = JsonNamingPolicy.CamelCase.ConvertName(gap.Reason.ToString());
        Text.Write(Encoding.ASCII.GetBytes(string.Create(CultureInfo.InvariantCulture, $",{Receipt(gap.From)},{Receipt(gap.To)},{reason},{gap.Frames},{gap.MissedVolume}")));
        Text.Write(RecordCsv.LineEnd);
    }

    private static string? Receipt(DateTimeOffset? at) => at is { } moment ? TimeText.Utc(moment) : null;
}
