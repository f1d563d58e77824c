using System.Buffers;
using System.Globalization;
using System.Text.Json;
using KisFeed.Capture;
using KisFeed.Wire;

namespace KisFeed.Cli.Captures;

/// <summary>Bars as JSON, an object a line.</summary>
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
