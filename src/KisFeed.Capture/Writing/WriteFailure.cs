using System.Runtime.InteropServices;

namespace KisFeed.Capture;

/// <summary>What kind of trouble an exception of a write tells of.</summary>
internal static class WriteFailure
{
    // errno, which .NET gives as the exception's HResult; these have the same values on Linux and macOS.
    private const int Eio = 5;
    private const int Enfile = 23;
    private const int Emfile = 24;
    private const int Efbig = 27;
    private const int Enospc = 28;
    private const int Erofs = 30;
    private const int EdquotLinux = 122;

    private const int WindowsDiskFull = unchecked((int)0x80070070);
    private const int WindowsHandleDiskFull = unchecked((int)0x80070027);

    /// <summary>Whether the file would be longer than the system allows: <c>ulimit -f</c>, or a limit of the file system.</summary>
    // .NET makes another exception of EFBIG than of all other errors.
    public static bool IsFileTooLarge(Exception e) => e is IOException { HResult: Efbig } or ArgumentOutOfRangeException { ParamName: "value" };

    /// <summary>The problem in a few words without a path, for readers who may not see how the machine is set up.</summary>
    public static string SummaryOf(Exception e) => e switch
    {
        IOException { InnerException: UnauthorizedAccessException inner } => SummaryOf(inner),
        UnauthorizedAccessException => "permission denied",
        OutOfMemoryException => "out of memory",
        DirectoryNotFoundException or FileNotFoundException => "the folder is gone",
        IOException { HResult: Enospc or EdquotLinux or WindowsDiskFull or WindowsHandleDiskFull } => "the disk is full",
        IOException { HResult: Emfile or Enfile } => "too many open files",
        _ when IsFileTooLarge(e) => "the file size limit is reached",
        IOException { HResult: Erofs } => "the file system is read-only",
        IOException { HResult: Eio } => "input/output error",
        IOException => "the folder cannot be written to",
        _ => $"unexpected error ({e.GetType().Name})",
    };

    /// <summary>Whether it is the machine's trouble rather than a mistake of ours.</summary>
    public static bool IsExpected(Exception e) => e is IOException or UnauthorizedAccessException or OutOfMemoryException || IsFileTooLarge(e);

    /// <summary>The problem with all that is known of it, for the owner.</summary>
    public static string TextOf(Exception e) => e switch
    {
        IOException or UnauthorizedAccessException => e.Message,
        _ when IsFileTooLarge(e) => "a file would be longer than the limit allows (ulimit -f)",
        _ => SummaryOf(e),
    };
}

/// <summary>
/// Ignores SIGXFSZ, which ends a process that writes more into a file than its limit (<c>ulimit -f</c>) allows. The write then fails with EFBIG, which is handled as a full disk.
/// </summary>
internal sealed class FileSizeSignal : IDisposable
{
    // The same number on every platform of .NET that has it.
    private const PosixSignal FileSizeExceeded = (PosixSignal)25;

    private readonly PosixSignalRegistration? _registration =
        OperatingSystem.IsWindows() ? null : PosixSignalRegistration.Create(FileSizeExceeded, static context => context.Cancel = true);

    public void Dispose() => _registration?.Dispose();
}
