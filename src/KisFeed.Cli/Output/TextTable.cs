using Spectre.Console;

namespace KisFeed.Cli.Output;

/// <summary>A table for people. Columns are as wide as needed, and lines as long as needed, so that they stay searchable.</summary>
internal sealed class TextTable
{
    private const int Width = 10_000;

    private readonly Table _table;
    private readonly string _indent;

    /// <summary>Creates a table whose columns are two spaces apart, as its lines are from the margin.</summary>
    /// <param name="columns">The column names. A leading minus sign right-aligns the column.</param>
    public TextTable(params string[] columns)
        : this(columns, TableBorder.None, padding: 2, indent: "  ")
    {
    }

    private TextTable(string[] columns, TableBorder border, int padding, string indent)
    {
        _indent = indent;
        _table = new Table { Border = border };
        foreach (var column in columns)
        {
            var heading = new Text(column.TrimStart('-'), new Style(decoration: Decoration.Bold));
            var alignment = column.StartsWith('-') ? Justify.Right : Justify.Left;
            _table.AddColumn(new TableColumn(heading) { NoWrap = true, Padding = new Padding(0, 0, padding, 0), Alignment = alignment });
        }
    }

    /// <summary>Creates a table without a margin.</summary>
    /// <param name="columns">The column names.</param>
    /// <param name="hasLine">Whether there is a line below the heading.</param>
    public static TextTable AtMargin(string[] columns, bool hasLine = false) =>
        hasLine ? new(columns, TableBorder.Simple, padding: 1, indent: "") : new(columns, TableBorder.None, padding: 2, indent: "");

    /// <summary>Adds a row. Missing cells are empty.</summary>
    public void Add(params string[] cells) => _table.AddRow(cells.Select(cell => new Text(cell)));

    public void WriteTo(TextWriter text, CommandHost? host = null)
    {
        using var drawn = new StringWriter(CultureInfo.InvariantCulture);
        var console = ConsoleFactory.Create(host, drawn);
        console.Profile.Width = Width;
        console.Write(_table);
        foreach (var line in drawn.ToString().TrimEnd().Split('\n'))
            text.Write($"{_indent}{line}".TrimEnd() + '\n');
    }
}

/// <summary>
/// Creates consoles: on a terminal as wide as the terminal, elsewhere as wide as the content and without colours and control codes.
/// </summary>
internal static class ConsoleFactory
{
    private const int UnlimitedWidth = 1000;

    public static IAnsiConsole Create(CommandHost? host, TextWriter output)
    {
        var console = AnsiConsole.Create(new AnsiConsoleSettings
        {
            Ansi = host is { OutputIsTerminal: true } ? AnsiSupport.Detect : AnsiSupport.No,
            ColorSystem = host is { UsesColor: true } ? ColorSystemSupport.Detect : ColorSystemSupport.NoColors,
            Interactive = InteractionSupport.No,
            Out = new AnsiConsoleOutput(output),
        });
        if (host is not { OutputIsTerminal: true })
            console.Profile.Width = UnlimitedWidth;
        return console;
    }
}

/// <summary>Formats counts with their noun: <c>1 gap</c>, <c>2,000 gaps</c>.</summary>
internal static class CountText
{
    public static string Of(long count, string one, string? several = null) =>
        $"{count:N0} {(count == 1 ? one : several ?? $"{one}s")}";
}
