using System.Buffers;
using System.Globalization;
using System.Text;
using KisFeed.Capture;

namespace KisFeed.Cli.Captures;

/// <summary>Bars for people: a line each, in columns that stay where they are.</summary>
internal sealed class BarTable : IBarOutput
{
    public BarTable() =>
        Write($"{"feed",-8} {"key",-12} {"start",-19} {"open",12} {"high",12} {"low",12} {"close",12} {"volume",14} {"turnover",14} {"trades",8} {"missed",12}");

    public ArrayBufferWriter<byte> Text { get; } = new();

    public void Add(Bar bar)
    {
        var marks = $"{(bar.HasGap ? "  gap" : "")}{(bar.Late > 0 ? string.Create(CultureInfo.InvariantCulture, $"  {bar.Late} late") : "")}";
        Write(string.Create(
            CultureInfo.InvariantCulture,
            $"{bar.TrId,-8} {TerminalText.Clean(bar.Key),-12} {bar.Start:yyyy-MM-dd HH:mm:ss} {Number(bar.Open),12} {Number(bar.High),12} {Number(bar.Low),12} {Number(bar.Close),12} {Number(bar.Volume),14} {Number(bar.Turnover),14} {bar.Trades,8:N0} {Number(bar.MissedVolume),12}{marks}"));
    }

    private static string Number(decimal? value) =>
        value is { } number ? number.ToString($"N{number.Scale}", CultureInfo.InvariantCulture) : "";

    private void Write(string line) => Text.Write(Encoding.UTF8.GetBytes($"{line}\n"));
}
