using System.Buffers;
using System.Globalization;
using System.Text;
using KisFeed.Capture;
using KisFeed.Wire;

namespace KisFeed.Cli.Captures;

/// <summary>Bars for people: a line each, in columns that stay where they are. Those that none of the feeds has are left out.</summary>
internal sealed class BarTable : IBarOutput
{
    private const int UsualWidth = 14;
    private const int WonWidth = 18; // Program trading is told in won, indices in millions of them.

    private readonly bool _hasPrices;
    private readonly bool _hasNet;
    private readonly int _moneyWidth;

    /// <summary>A table.</summary>
    /// <param name="feeds">The feeds that there may be bars of; none where that is not known.</param>
    public BarTable(IReadOnlyCollection<FeedSchema> feeds)
    {
        FeedSchema[] possible = [.. feeds.Where(CaptureBars.CanBeMadeOf)];
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
