using KisFeed.Cli.Hosting;
using Spectre.Console;

namespace KisFeed.Cli.Output;

/// <summary>Makes consoles that draw as wide as the terminal, and elsewhere as wide as the content, without colour and control codes.</summary>
internal static class ConsoleFactory
{
    private const int UnlimitedWidth = 1000;

    public static IAnsiConsole Create(CommandHost host, TextWriter output)
    {
        var console = AnsiConsole.Create(new AnsiConsoleSettings
        {
            Ansi = host.OutputIsTerminal ? AnsiSupport.Detect : AnsiSupport.No,
            ColorSystem = host.UsesColor ? ColorSystemSupport.Detect : ColorSystemSupport.NoColors,
            Interactive = InteractionSupport.No,
            Out = new AnsiConsoleOutput(output),
        });
        if (!host.OutputIsTerminal)
            console.Profile.Width = UnlimitedWidth;
        return console;
    }
}
