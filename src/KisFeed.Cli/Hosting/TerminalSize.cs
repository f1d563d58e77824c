using System.Runtime.InteropServices;

namespace KisFeed.Cli.Hosting;

/// <summary>The size of a terminal, in cells.</summary>
[StructLayout(LayoutKind.Auto)]
internal readonly record struct TerminalSize(int Columns, int Rows)
{
    /// <summary>The size that is assumed where the terminal does not tell its own.</summary>
    public static TerminalSize Default { get; } = new(80, 24);

    /// <summary>The present size of the terminal of this process. .NET listens for SIGWINCH, so it is right after a resize too.</summary>
    public static TerminalSize OfProcess()
    {
        try
        {
            var (columns, rows) = (Console.WindowWidth, Console.WindowHeight);
            return new TerminalSize(columns > 0 ? columns : Default.Columns, rows > 0 ? rows : Default.Rows);
        }
        catch (Exception e) when (e is IOException or PlatformNotSupportedException)
        {
            return Default;
        }
    }
}
