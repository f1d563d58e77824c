using System.Runtime.InteropServices;
using System.Text;
using KisFeed.Session;
using KisFeed.Wire;

namespace KisFeed.Cli.Hosting;

/// <summary>Everything of the process that verbs touch, so that tests can run them without one.</summary>
internal sealed record CommandHost
{
    public required Stream Input { get; init; }

    /// <summary>Data, and nothing else.</summary>
    public required Stream Output { get; init; }

    /// <summary>The same for data that others have written: at a terminal, without what it would obey.</summary>
    public Stream DataOutput => OutputIsTerminal ? new TerminalStream(Output) : Output;

    /// <summary>Messages for people.</summary>
    public required TextWriter Error { get; init; }

    public bool InputIsTerminal { get; init; }

    /// <summary>Whether output goes to a terminal that can be drawn on.</summary>
    public bool OutputIsTerminal { get; init; }

    public bool ErrorIsTerminal { get; init; }

    /// <summary>The present size of the terminal that is drawn on.</summary>
    public Func<TerminalSize> TerminalSize { get; init; } = () => Hosting.TerminalSize.Default;

    /// <summary>Looks an environment variable up; <see langword="null"/> where it is not set or empty.</summary>
    public Func<string, string?> Variable { get; init; } = _ => null;

    /// <summary>The user's home, where configuration is looked for; <see langword="null"/> for none.</summary>
    public string? HomeFolder { get; init; }

    public ReloadSignal ReloadSignal { get; } = new();

    public TimeProvider Time { get; init; } = TimeProvider.System;

    /// <summary>When sessions connect again, unless the command line says that they do not. Tests use shorter delays.</summary>
    public ReconnectPolicy Reconnect { get; init; } = ReconnectPolicy.Default;

    /// <summary>Whether output may be coloured: see no-color.org.</summary>
    public bool UsesColor => OutputIsTerminal && Variable("NO_COLOR") is null;

    /// <summary>The host of this process.</summary>
    public static CommandHost OfProcess()
    {
        Console.OutputEncoding = Encoding.UTF8;
        var isDumb = Environment.GetEnvironmentVariable("TERM") == "dumb";
        return new CommandHost
        {
            Input = Console.OpenStandardInput(),
            Output = PipeOutput.OpenStandardOutput(),
            Error = new HeldWriter(Console.Error) { NewLine = Environment.NewLine },
            InputIsTerminal = !Console.IsInputRedirected,
            OutputIsTerminal = !Console.IsOutputRedirected && !isDumb,
            ErrorIsTerminal = !Console.IsErrorRedirected && !isDumb,
            TerminalSize = Hosting.TerminalSize.OfProcess,
            Variable = name => Environment.GetEnvironmentVariable(name) is { Length: > 0 } value ? value : null,
            HomeFolder = Environment.GetFolderPath(Environment.SpecialFolder.UserProfile),
        };
    }

    /// <summary>
    /// Tells people something on standard error: a line of its own, even where a line that tells of progress stands. Where that cannot be written, as to a file on a full disk,
    /// it goes unsaid: that is no reason to end the work.
    /// </summary>
    public void Tell(string text)
    {
        text = PrintableText.CleanLines(text);
        try
        {
            Error.WriteLine(ErrorIsTerminal ? $"\r\e[J{text}" : text);
        }
        catch (Exception e) when (e is IOException or ArgumentOutOfRangeException) // The last is what .NET throws where a file may not grow (EFBIG).
        {
            // There is nowhere left to say so.
        }
    }

    /// <summary>Holds what is written to <see cref="Error"/> on the terminal, until the result is disposed of.</summary>
    public IDisposable? HoldError() => ErrorIsTerminal && Error is HeldWriter error ? error.Hold() : null;

    /// <summary>A writer of text onto <see cref="Output"/>; to be flushed.</summary>
    public StreamWriter OpenText() => new(Output, new UTF8Encoding(encoderShouldEmitUTF8Identifier: false), leaveOpen: true);
}

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
