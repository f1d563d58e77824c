using QRCoder;

namespace KisFeed.Cli.Output;

/// <summary>Draws QR codes with half blocks, two rows of modules per line.</summary>
internal static class QrCode
{
    private const string BlackOnWhite = "\e[38;5;16;48;5;231m"; // Fixed colours: the first 16 are the terminal's own.
    private const string Reset = "\e[0m";

    /// <summary>Draws the QR code of a text, with its quiet zone.</summary>
    /// <param name="text">The text.</param>
    /// <param name="isColored">Whether to use black on white. Otherwise the light modules are drawn in the terminal's colours,
    /// which suits a dark terminal.</param>
    /// <returns>The lines with their line breaks, and their width.</returns>
    public static (string Text, int Columns) Draw(string text, bool isColored)
    {
        using var generator = new QRCodeGenerator();
        using var data = generator.CreateQrCode(text, QRCodeGenerator.ECCLevel.L);
        var modules = data.ModuleMatrix;
        var size = modules.Count;
        var lines = new StringBuilder();
        for (var row = 0; row < size; row += 2)
        {
            if (isColored)
                lines.Append(BlackOnWhite);
            for (var column = 0; column < size; column++)
                lines.Append(BlockOf(modules[row][column] == isColored, (row + 1 < size && modules[row + 1][column]) == isColored));
            if (isColored)
                lines.Append(Reset);
            lines.Append('\n');
        }

        return (lines.ToString(), size);
    }

    private static char BlockOf(bool upper, bool lower) => (upper, lower) switch
    {
        (true, true) => '█',
        (true, false) => '▀',
        (false, true) => '▄',
        _ => ' ',
    };
}
