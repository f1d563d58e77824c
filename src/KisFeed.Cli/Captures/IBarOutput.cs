using System.Buffers;
using System.Text.Json;
using KisFeed.Capture.Bars;

namespace KisFeed.Cli.Captures;

/// <summary>Writes bars into a buffer.</summary>
internal interface IBarOutput
{
    /// <summary>The bytes that have not been flushed.</summary>
    System.Buffers.ArrayBufferWriter<byte> Text { get; }

    void Add(Bar bar);
}

/// <summary>Bars for people: one line each, in columns of fixed width. Columns that none of the feeds has are left out.</summary>
internal sealed class BarTable : IBarOutput
{
    private const int UsualWidth = 14;
    private const int WonWidth = 18; // Turnover of program trading is in won, that of indices in millions of won.

    private readonly bool _hasPrices;
    private readonly bool _hasNet;
    private readonly int _moneyWidth;

    /// <summary>Creates the table.</summary>
    /// <param name="feeds">The feeds in the capture; empty if unknown.</param>
    public BarTable(IReadOnlyCollection<FeedSchema> feeds)
    {
        FeedSchema[] possible = [.. feeds.Where(CaptureBars.Supports)];
        _hasNet = possible.Length == 0 || possible.Any(CaptureBars.IsNet);
        _moneyWidth = _hasNet ? WonWidth : UsualWidth;
        _hasPrices = possible.Length == 0 || !possible.All(CaptureBars.IsNet);
        var prices = _hasPrices ? $" {"open",12} {"high",12} {"low",12} {"close",12}" : "";
        var net = _hasNet ? $" {"net volume",12} {Money("net turnover")} {"missed net",12}" : "";
        Write($"{"feed",-8} {"key",-12} {"start",-19}{prices} {"volume",14} {Money("turnover")}{net} {"trades",8} {"missed",12}");
    }

    public ArrayBufferWriter<byte> Text { get; } = new();

    public void Add(Bar bar)
    {
        var invariant = CultureInfo.InvariantCulture;
        var marks = $"{(bar.HasGap ? "  gap" : "")}{(bar.Late > 0 ? string.Create(invariant, $"  {bar.Late} late") : "")}";
        var prices = _hasPrices ? $" {Number(bar.Open),12} {Number(bar.High),12} {Number(bar.Low),12} {Number(bar.Close),12}" : "";
        var net = _hasNet ? $" {Number(bar.NetVolume),12} {Money(Number(bar.NetTurnover))} {Number(bar.MissedNetVolume),12}" : "";
        Write(string.Create(
            invariant,
            $"{bar.TrId,-8} {PrintableText.Clean(bar.Key),-12} {bar.Start:yyyy-MM-dd HH:mm:ss}{prices} {Number(bar.Volume),14} {Money(Number(bar.Turnover))}{net} {bar.Trades,8:N0} {Number(bar.MissedVolume),12}{marks}"));
    }

    private string Money(string text) => text.PadLeft(_moneyWidth);

    private static string Number(decimal? value) =>
        value is { } number ? number.ToString($"N{number.Scale}", CultureInfo.InvariantCulture) : "";

    private void Write(string line) => Text.Write(Encoding.UTF8.GetBytes($"{line}\n"));
}

/// <summary>Bars as JSON, one object per line.</summary>
internal sealed class BarJson : IBarOutput, IDisposable
{
    private readonly Utf8JsonWriter _json;

    public BarJson() => _json = new Utf8JsonWriter(Text, RecordJson.WriterOptions with { SkipValidation = true });

    public ArrayBufferWriter<byte> Text { get; } = new();

    public void Add(Bar bar)
    {
        _json.WriteStartObject();
        _json.WriteString("feed"u8, bar.TrId);
        _json.WriteString("key"u8, bar.Key);
        _json.WriteString("start"u8, bar.Start.ToString("yyyy-MM-ddTHH:mm:sszzz", CultureInfo.InvariantCulture));
        Write("open"u8, bar.Open);
        Write("high"u8, bar.High);
        Write("low"u8, bar.Low);
        Write("close"u8, bar.Close);
        Write("volume"u8, bar.Volume);
        Write("turnover"u8, bar.Turnover);
        _json.WriteNumber("trades"u8, bar.Trades);
        _json.WriteBoolean("gap"u8, bar.HasGap);
        Write("missedVolume"u8, bar.MissedVolume);
        _json.WriteNumber("late"u8, bar.Late);
        Write("netVolume"u8, bar.NetVolume);
        Write("netTurnover"u8, bar.NetTurnover);
        Write("missedNetVolume"u8, bar.MissedNetVolume);
        Write("missedNetTurnover"u8, bar.MissedNetTurnover);
        _json.WriteEndObject();
        _json.Flush();
        _json.Reset();
        Text.Write("\n"u8);
    }

    public void Dispose() => _json.Dispose();

    private void Write(ReadOnlySpan<byte> name, decimal? value)
    {
        if (value is { } number)
            _json.WriteNumber(name, number);
        else
            _json.WriteNull(name);
    }
}

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
