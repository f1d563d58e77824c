namespace KisFeed.Cli.Hosting;

/// <summary>The command cannot go on; the message tells the user what to change, and <see cref="ExitCode"/> is returned to the shell.</summary>
internal sealed class CommandException : Exception
{
    public CommandException()
    {
    }

    public CommandException(string message)
        : base(message)
    {
    }

    public CommandException(string message, Exception innerException)
        : base(message, innerException)
    {
    }

    public CommandException(string message, int exitCode)
        : base(message) => ExitCode = exitCode;

    public int ExitCode { get; } = Hosting.ExitCode.Usage;
}
