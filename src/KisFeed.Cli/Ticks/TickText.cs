using System.Text.RegularExpressions;
using KisFeed.Feeds;

namespace KisFeed.Cli.Ticks;

/// <summary>Formats single values for people. An absent value is a dash, never a zero.</summary>
internal static partial class TickText
{
    private const string Absent = "-";

    public static TickCell Format(ReadOnlySpan<byte> text, Column column, TickStyle style, ChangeSign? sign)
    {
        if (FieldText.IsAbsent(text, column.Type))
            return new TickCell(Absent, Direction.None);
        return style switch
        {
            TickStyle.Text => new TickCell(Name(text, column), Direction.None),
            TickStyle.BothNames => new TickCell(BothNames(text, column), Direction.None),
            TickStyle.Side => new TickCell(Name(text, column), SideOf(text)),
            _ => FieldText.TryReadDecimal(text, out var number, out _)
                ? FormatNumber(number, style, sign)
                : new TickCell(PrintableText.Clean(Encoding.UTF8.GetString(text)), Direction.None),
        };
    }

    /// <summary>Reduces the runs of spaces that the broker pads names with to single spaces.</summary>
    public static string WithoutInnerPadding(string text) => Blanks().Replace(text, " ");

    private static TickCell FormatNumber(decimal number, TickStyle style, ChangeSign? sign) => style switch
    {
        TickStyle.Percent => new TickCell($"{Digits(number)}%", Direction.None),
        TickStyle.SignedNumber => new TickCell(Signed(number), Of(number)),
        TickStyle.SignedPercent => new TickCell($"{Signed(number)}%", Of(sign)),
        TickStyle.Change => new TickCell(Arrow(sign) + Digits(Math.Abs(number)), Of(sign)),
        _ => new TickCell(Digits(number), Direction.None),
    };

    private static string Name(ReadOnlySpan<byte> text, Column column)
    {
        var value = Encoding.UTF8.GetString(text);
        return column.Codes.TryGetValue(value, out var name) ? name.JsonName : PrintableText.Clean(value);
    }

    private static string BothNames(ReadOnlySpan<byte> text, Column column)
    {
        var value = Encoding.UTF8.GetString(text);
        return column.Codes.TryGetValue(value, out var name) ? $"{name.Korean} {name.JsonName}" : PrintableText.Clean(value);
    }

    private static string Digits(decimal number) => number.ToString($"N{number.Scale}", CultureInfo.InvariantCulture);

    private static string Signed(decimal number) => number > 0 ? $"+{Digits(number)}" : Digits(number);

    private static string Arrow(ChangeSign? sign) => sign switch
    {
        ChangeSign.UpperLimit => "↑",
        ChangeSign.Up => "▲",
        ChangeSign.Down => "▼",
        ChangeSign.LowerLimit => "↓",
        _ => "",
    };

    private static Direction Of(ChangeSign? sign) => sign switch
    {
        ChangeSign.UpperLimit or ChangeSign.Up => Direction.Up,
        ChangeSign.LowerLimit or ChangeSign.Down => Direction.Down,
        _ => Direction.None,
    };

    private static Direction Of(decimal number) => number switch
    {
        > 0 => Direction.Up,
        < 0 => Direction.Down,
        _ => Direction.None,
    };

    private static Direction SideOf(ReadOnlySpan<byte> text) => FieldText.TryReadCode(text, out var code, out _)
        ? (OverseasOrderSide)code switch
        {
            OverseasOrderSide.Buy or OverseasOrderSide.BuyToClose => Direction.Up,
            OverseasOrderSide.Sell or OverseasOrderSide.SellToClose => Direction.Down,
            _ => Direction.None,
        }
        : Direction.None;

    [GeneratedRegex(" {2,}", RegexOptions.CultureInvariant, matchTimeoutMilliseconds: -1)]
    private static partial Regex Blanks();
}
