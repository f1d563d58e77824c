using Spectre.Console;

namespace KisFeed.Cli.Ticks;

/// <summary>Fits text into the cells of a terminal. A Korean character takes two cells.</summary>
internal static class CellWidth
{
    public static int Of(string text) => text.GetCellWidth();

    public static string PadLeft(string text, int width) => new string(' ', Math.Max(0, width - Of(text))) + text;

    public static string PadRight(string text, int width) => text + new string(' ', Math.Max(0, width - Of(text)));

    /// <summary>Returns the text, or its beginning and an ellipsis if it is wider.</summary>
    public static string Truncate(string text, int width)
    {
        if (Of(text) <= width)
            return text;
        var length = text.Length;
        while (length > 0 && Of(text[..length]) >= width)
            length--;
        return text[..length] + "…";
    }
}
