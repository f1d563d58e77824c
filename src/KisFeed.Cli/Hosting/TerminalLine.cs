namespace KisFeed.Cli.Hosting;

/// <summary>Reads a line that the user types at the terminal of this process.</summary>
internal static class TerminalLine
{
    private const char EndOfInput = '\x4';

    private static readonly TimeSpan s_interval = TimeSpan.FromMilliseconds(20);

    /// <summary>Asks for a line and reads it; <see langword="null"/> at the end of the input.</summary>
    /// <param name="question">The question.</param>
    /// <param name="isShown">Whether the terminal shows what is typed.</param>
    /// <param name="cancellationToken">Cancels the reading. What was typed is lost.</param>
    public static async Task<string?> ReadAsync(string question, bool isShown, CancellationToken cancellationToken)
    {
        // The terminal shows no typed characters once it has been asked for one; so ask it before the user types.
        _ = Console.KeyAvailable;
        await Console.Error.WriteAsync(question);
        var line = new StringBuilder();
        while (true)
        {
            // Waiting in ReadKey could not be cancelled.
            while (!Console.KeyAvailable)
                await Task.Delay(s_interval, cancellationToken);
            var key = Console.ReadKey(intercept: true);
            if (key.Key == ConsoleKey.Enter || (key.KeyChar == EndOfInput && line.Length == 0))
            {
                await Console.Error.WriteLineAsync();
                return key.Key == ConsoleKey.Enter ? line.ToString() : null;
            }

            if (key.Key == ConsoleKey.Backspace && line.Length > 0)
            {
                line.Length--;
                if (isShown)
                    await Console.Error.WriteAsync("\b \b");
            }
            else if (!char.IsControl(key.KeyChar))
            {
                line.Append(key.KeyChar);
                if (isShown)
                    await Console.Error.WriteAsync(key.KeyChar);
            }
        }
    }
}
