using System.Buffers;
using System.Globalization;
using System.Text;
using KisFeed.Output;
using KisFeed.Wire;

namespace KisFeed.Capture.Export;

internal sealed class GapCsv
{
    private readonly bool _escapesFormulas;

    public GapCsv(NameStyle names, bool escapesFormulas)
    {
        _escapesFormulas = escapesFormulas;
        Text.Write(
            names == NameStyle.Kis ? "feed,key,from,to,reason,frames,missed_volume"u8 : "feed,key,from,to,reason,frames,missedVolume"u8);
        Text.Write(RecordCsv.LineEnd);
    }

    public ArrayBufferWriter<byte> Text { get; } = new();

    public void Add(FeedSchema feed, ReadOnlySpan<byte> key, Gap gap)
    {
        Text.Write(Encoding.ASCII.GetBytes(feed.TrId));
        Text.Write(","u8);
        RecordCsv.WriteText(Text, key, _escapesFormulas);
        var reason = JsonName.Of(gap.Reason);
        Text.Write(Encoding.ASCII.GetBytes(string.Create(
            CultureInfo.InvariantCulture, $",{Receipt(gap.From)},{Receipt(gap.To)},{reason},{gap.Frames},{gap.MissedVolume}")));
        Text.Write(RecordCsv.LineEnd);
    }

    private static string? Receipt(DateTimeOffset? at) => at is { } moment ? TimeText.Utc(moment) : null;
}
