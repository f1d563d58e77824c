using System.Buffers;
using System.Globalization;
using System.Text;
using KisFeed.Capture;
using KisFeed.Wire;

namespace KisFeed.Cli.Captures;

/// <summary>Bars as CSV.</summary>
internal sealed class BarCsv : IBarOutput
{
    public BarCsv()
    {
        Text.Write("feed,key,start,open,high,low,close,volume,turnover,trades,gap,missedVolume,late,netVolume,netTurnover,missedNetVolume,missedNetTurnover"u8);
        Text.Write(RecordCsv.LineEnd);
    }

    public ArrayBufferWriter<byte> Text { get; } = new();

    public void Add(Bar bar)
    {
        Text.Write(Encoding.ASCII.GetBytes($"{bar.TrId},"));
        RecordCsv.WriteText(Text, Encoding.UTF8.GetBytes(bar.Key));
        Text.Write(Encoding.ASCII.GetBytes(string.Create(
            CultureInfo.InvariantCulture,
            $",{bar.Start:yyyy-MM-ddTHH:mm:sszzz},{bar.Open},{bar.High},{bar.Low},{bar.Close},{bar.Volume},{bar.Turnover},{bar.Trades},{(bar.HasGap ? "true" : "false")},{bar.MissedVolume},{bar.Late},{bar.NetVolume},{bar.NetTurnover},{bar.MissedNetVolume},{bar.MissedNetTurnover}")));
        Text.Write(RecordCsv.LineEnd);
    }
}
