namespace KisFeed.Cli.Hosting;

/// <summary>The exit codes of the command. The help of each command lists the codes that it uses.</summary>
internal static class ExitCode
{
    public const int Success = 0;

    /// <summary>Wrong usage, a missing configuration, or a file or port that cannot be used.</summary>
    public const int Usage = 1;

    /// <summary>Some data is malformed; everything else was decoded.</summary>
    public const int MalformedData = 2;

    /// <summary>The broker refused the credentials or a registration.</summary>
    public const int Refused = 3;

    /// <summary>The connection was lost or could not be established.</summary>
    public const int ConnectionLost = 4;

    /// <summary>Some received data could not be written to the disk.</summary>
    public const int DataLost = 5;

    /// <summary>The search found nothing.</summary>
    public const int NotFound = 6;

    /// <summary>The cluster has a problem.</summary>
    public const int Unhealthy = 7;

    /// <summary>Interrupted before the work was done: 128 plus the number of SIGINT, the convention of shells.</summary>
    public const int Interrupted = 130;

    /// <summary>The exit code for a failure of the client.</summary>
    public static int Of(KisFeedException failure) => failure switch
    {
        KisFeedConfigurationException or FeedNotAvailableException or RegistrationLimitException or HistoryNotAvailableException => Usage,
        SubscribeRefusedException => Refused,
        ApprovalKeyException { Failure: not ConnectFailure.Unreachable } => Refused,
        ConnectionLostException { Code: not null }
            or ConnectionLostException { Reason: HaltReason.BadCredentials or HaltReason.ApprovalKeyRefused } => Refused,
        _ => ConnectionLost,
    };
}

/// <summary>
/// The command cannot continue. The message tells the user what to change; <see cref="ExitCode"/> is returned to the shell.
/// </summary>
internal sealed class CommandException : Exception
{
    public CommandException(string message, Exception? innerException = null)
        : base(message, innerException)
    {
    }

    public CommandException(string message, int exitCode)
        : base(message) => ExitCode = exitCode;

    public int ExitCode { get; } = Hosting.ExitCode.Usage;
}
