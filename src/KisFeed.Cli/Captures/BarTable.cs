using System.Buffers;
using KisFeed.Capture.Bars;

namespace KisFeed.Cli.Captures;

/// <summary>Bars for people: one line each, in columns of fixed width. Columns that none of the feeds has are left out.</summary>
internal sealed class BarTable : LineOutput<Bar>
{
    private const int UsualWidth = 14;
    private const int WonWidth = 18; // Turnover of program trading is in won, that of indices in millions of won.

    private readonly bool _hasPrices;
    private readonly bool _hasNet;
    private readonly int _moneyWidth;

    /// <summary>Creates the table.</summary>
    public BarTable(Stream output, IEnumerable<FeedSchema> feeds)
        : base(output)
    {
        FeedSchema[] possible = [.. feeds.Where(CaptureBars.Supports)];
        _hasNet = possible.Length == 0 || possible.Any(CaptureBars.IsNet);
        _moneyWidth = _hasNet ? WonWidth : UsualWidth;
        _hasPrices = possible.Length == 0 || !possible.All(CaptureBars.IsNet);
        var prices = _hasPrices ? $" {"open",12} {"high",12} {"low",12} {"close",12}" : "";
        var net = _hasNet ? $" {"net volume",12} {Money("net turnover")} {"missed net",12}" : "";
        Lines.Append($"{"feed",-8} {"key",-12} {"start",-19}{prices} {"volume",14} {Money("turnover")}{net} {"trades",8} {"missed",12}\n");
    }

    public override void Write(Bar bar)
    {
        Lines.Append($"{bar.TrId,-8} {PrintableText.Clean(bar.Key),-12} {bar.Start:yyyy-MM-dd HH:mm:ss}");
        if (_hasPrices)
            Lines.Append($" {Number(bar.Open),12} {Number(bar.High),12} {Number(bar.Low),12} {Number(bar.Close),12}");
        Lines.Append($" {Number(bar.Volume),14} {Money(Number(bar.Turnover))}");
        if (_hasNet)
            Lines.Append($" {Number(bar.NetVolume),12} {Money(Number(bar.NetTurnover))} {Number(bar.MissedNetVolume),12}");
        Lines.Append($" {bar.Trades,8:N0} {Number(bar.MissedVolume),12}{(bar.HasGap ? "  gap" : "")}"
            + $"{(bar.Late > 0 ? $"  {bar.Late} late" : "")}\n");
    }

    private string Money(string text) => text.PadLeft(_moneyWidth);

    private static string Number(decimal? value) =>
        value is { } number ? number.ToString($"N{number.Scale}", CultureInfo.InvariantCulture) : "";
}

/// <summary>Bars as CSV.</summary>
internal sealed class BarCsv : LineOutput<Bar>
{
    public BarCsv(Stream output)
        : base(output)
    {
        Lines.Append("feed,key,start,open,high,low,close,volume,turnover,trades,gap,missedVolume,late,");
        Lines.Append("netVolume,netTurnover,missedNetVolume,missedNetTurnover");
        Lines.Bytes.Write(RecordCsv.LineEnd);
    }

    public override void Write(Bar bar)
    {
        Lines.Append($"{bar.TrId},");
        RecordCsv.WriteText(Lines.Bytes, Encoding.UTF8.GetBytes(bar.Key));
        Lines.Append($",{bar.Start:yyyy-MM-ddTHH:mm:sszzz},{bar.Open},{bar.High},{bar.Low},{bar.Close},{bar.Volume},{bar.Turnover},"
            + $"{bar.Trades},{(bar.HasGap ? "true" : "false")},{bar.MissedVolume},{bar.Late},"
            + $"{bar.NetVolume},{bar.NetTurnover},{bar.MissedNetVolume},{bar.MissedNetTurnover}");
        Lines.Bytes.Write(RecordCsv.LineEnd);
    }
}

/// <summary>A bar as JSON.</summary>
internal sealed record BarJson(
    string Feed, string Key, string Start, decimal? Open, decimal? High, decimal? Low, decimal? Close, decimal? Volume, decimal? Turnover,
    long Trades, bool Gap, decimal? MissedVolume, long Late, decimal? NetVolume, decimal? NetTurnover, decimal? MissedNetVolume,
    decimal? MissedNetTurnover)
{
    public static string LineOf(Bar bar) => Json.Line(
        new BarJson(
            bar.TrId, bar.Key, $"{bar.Start:yyyy-MM-ddTHH:mm:sszzz}", bar.Open, bar.High, bar.Low, bar.Close, bar.Volume, bar.Turnover,
            bar.Trades, bar.HasGap, bar.MissedVolume, bar.Late, bar.NetVolume, bar.NetTurnover, bar.MissedNetVolume,
            bar.MissedNetTurnover),
        CapturesJson.Default.BarJson);
}
