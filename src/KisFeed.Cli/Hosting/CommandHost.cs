using System.Runtime.InteropServices;

namespace KisFeed.Cli.Hosting;

/// <summary>Everything that commands use of the process, so that tests can run them without starting one.</summary>
internal sealed record CommandHost
{
    public required Stream Input { get; init; }

    /// <summary>Standard output: data only.</summary>
    public required Stream Output { get; init; }

    /// <summary><see cref="Output"/> for data from elsewhere: control codes are removed before they reach a terminal.</summary>
    public Stream DataOutput => OutputIsTerminal ? new TerminalStream(Output) : Output;

    /// <summary>Standard error: messages for people.</summary>
    public required TextWriter Error { get; init; }

    /// <summary>The command line, which other users of the machine can see.</summary>
    public IReadOnlyList<string> Arguments { get; init; } = [];

    public bool InputIsTerminal { get; init; }

    /// <summary>Whether output goes to a terminal that understands cursor movement.</summary>
    public bool OutputIsTerminal { get; init; }

    public bool ErrorIsTerminal { get; init; }

    /// <summary>Returns the current size of the terminal.</summary>
    public Func<TerminalSize> TerminalSize { get; init; } = () => Hosting.TerminalSize.Default;

    /// <summary>Asks a question at the terminal and reads the line, shown or not; <see langword="null"/> at the end of the input.</summary>
    public Func<string, bool, CancellationToken, Task<string?>> ReadTerminalLine { get; init; } =
        (_, _, _) => Task.FromResult<string?>(null);

    /// <summary>Reads an environment variable; <see langword="null"/> if it is not set or empty.</summary>
    public Func<string, string?> Variable { get; init; } = _ => null;

    /// <summary>The user's home folder, where configuration is searched; <see langword="null"/> for none.</summary>
    public string? HomeFolder { get; init; }

    /// <summary>The language of the operating system, for users whose environment has no locale.</summary>
    public CultureInfo SystemLanguage { get; init; } = Language.English;

    public ReloadSignal ReloadSignal { get; init; } = new();

    /// <summary>
    /// How long a command that was interrupted waits for a database or a cluster. What is not stored then is stored by its next start.
    /// </summary>
    public static TimeSpan StopTimeout => TimeSpan.FromSeconds(1.5);

    public TimeProvider Time { get; init; } = TimeProvider.System;

    /// <summary>The delays between reconnects, unless the command line disables reconnecting. Tests use shorter delays.</summary>
    public ReconnectPolicy Reconnect { get; init; } = ReconnectPolicy.Default;

    /// <summary>Whether output may use colours (see no-color.org).</summary>
    public bool UsesColor => OutputIsTerminal && string.IsNullOrEmpty(Variable("NO_COLOR"));

    /// <summary>The host of this process.</summary>
    public static CommandHost OfProcess(ProcessSignals? signals = null)
    {
        Console.OutputEncoding = Encoding.UTF8;
        var isDumb = Environment.GetEnvironmentVariable("TERM") == "dumb";
        return new CommandHost
        {
            Input = Console.OpenStandardInput(),
            Output = PipeOutput.OpenStandardOutput(signals?.OutputAbandoned ?? CancellationToken.None),
            Error = new HeldWriter(Console.Error) { NewLine = Environment.NewLine },
            InputIsTerminal = !Console.IsInputRedirected,
            OutputIsTerminal = !Console.IsOutputRedirected && !isDumb,
            ErrorIsTerminal = !Console.IsErrorRedirected && !isDumb,
            TerminalSize = Hosting.TerminalSize.OfProcess,
            ReadTerminalLine = TerminalLine.ReadAsync,
            Variable = name => Environment.GetEnvironmentVariable(name) is { Length: > 0 } value ? value : null,
            SystemLanguage = Language.OfSystem(),
            ReloadSignal = signals?.Reload ?? new ReloadSignal(),
            HomeFolder = Environment.GetFolderPath(Environment.SpecialFolder.UserProfile),
        };
    }

    /// <summary>
    /// Writes a line for people to standard error. A progress line on a terminal is overwritten. A line that cannot be written, for example
    /// to a file on a full disk, is dropped: that must not end the work.
    /// </summary>
    public void WriteMessage(string text)
    {
        text = PrintableText.CleanLines(text);
        try
        {
            Error.WriteLine(ErrorIsTerminal ? TransientLine.Clear + text : text);
        }
        // .NET throws the last one for EFBIG: the file may not grow.
        catch (Exception e) when (e is IOException or ArgumentOutOfRangeException)
        {
            // There is no other place to report it.
        }
    }

    /// <summary>Writes a text to <see cref="Output"/>.</summary>
    public async Task WriteAsync(string text, CancellationToken cancellationToken)
    {
        await Output.WriteAsync(Encoding.UTF8.GetBytes(text), cancellationToken);
        await Output.FlushAsync(cancellationToken);
    }

    /// <summary>Holds text written to <see cref="Error"/> until the result is disposed. Only on a terminal.</summary>
    public IDisposable? HoldError() => ErrorIsTerminal && Error is HeldWriter error ? error.Hold() : null;

    /// <summary>Whether the command line has a text, rather than a configuration file.</summary>
    public bool HasOnCommandLine(string text) => Arguments.Any(argument => argument.Contains(text, StringComparison.Ordinal));

    /// <summary>Opens a text writer on <see cref="Output"/>. The caller flushes it.</summary>
    public StreamWriter OpenText() => new(Output, new UTF8Encoding(encoderShouldEmitUTF8Identifier: false), leaveOpen: true);
}

/// <summary>The size of a terminal, in cells.</summary>
[StructLayout(LayoutKind.Auto)]
internal readonly record struct TerminalSize(int Columns, int Rows)
{
    /// <summary>The size that is assumed if the terminal does not report its own.</summary>
    public static TerminalSize Default { get; } = new(80, 24);

    /// <summary>The current size of the terminal of this process. .NET handles SIGWINCH, so the size is right after a resize too.</summary>
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
