using System.Runtime.InteropServices;

namespace KisFeed.Capture.Writing;

/// <summary>Classifies exceptions of failed writes.</summary>
internal static class WriteFailure
{
    // errno values, which .NET sets as HResult. They are the same on Linux and macOS.
    private const int Eio = 5;
    private const int Enfile = 23;
    private const int Emfile = 24;
    private const int Efbig = 27;
    private const int Enospc = 28;
    private const int Erofs = 30;
    private const int EdquotLinux = 122;

    private const int WindowsDiskFull = unchecked((int)0x80070070);
    private const int WindowsHandleDiskFull = unchecked((int)0x80070027);

    /// <summary>Whether the file size limit was exceeded: <c>ulimit -f</c>, or a limit of the file system.</summary>
    // .NET throws a different exception for EFBIG than for other errors.
    public static bool IsFileTooLarge(Exception e) =>
        e is IOException { HResult: Efbig } or ArgumentOutOfRangeException { ParamName: "value" };

    /// <summary>Returns the problem in a few words without paths, for readers who may not see details of the machine.</summary>
    public static string SummaryOf(Exception e) => e switch
    {
        IOException { InnerException: UnauthorizedAccessException inner } => SummaryOf(inner),
        UnauthorizedAccessException => "permission denied",
        OutOfMemoryException => "out of memory",
        DirectoryNotFoundException or FileNotFoundException => "the folder is missing",
        IOException { HResult: Enospc or EdquotLinux or WindowsDiskFull or WindowsHandleDiskFull } => "the disk is full",
        IOException { HResult: Emfile or Enfile } => "too many open files",
        _ when IsFileTooLarge(e) => "the file size limit is reached",
        IOException { HResult: Erofs } => "the file system is read-only",
        IOException { HResult: Eio } => "input/output error",
        IOException => "the folder cannot be written to",
        _ => $"unexpected error ({e.GetType().Name})",
    };

    /// <summary>Whether it is a problem of the machine rather than a bug.</summary>
    public static bool IsExpected(Exception e) =>
        e is IOException or UnauthorizedAccessException or OutOfMemoryException || IsFileTooLarge(e);

    /// <summary>Returns the problem in full, for the owner.</summary>
    public static string TextOf(Exception e) => e switch
    {
        IOException or UnauthorizedAccessException => e.Message,
        _ when IsFileTooLarge(e) => "the file size limit is exceeded (ulimit -f)",
        _ => SummaryOf(e),
    };
}

/// <summary>
/// Ignores SIGXFSZ, which ends a process that exceeds its file size limit (<c>ulimit -f</c>). The write then fails with EFBIG,
/// which is handled like a full disk.
/// </summary>
internal sealed class FileSizeSignal : IDisposable
{
    // The same number on all platforms that have the signal.
    private const PosixSignal FileSizeExceeded = (PosixSignal)25;

    private readonly PosixSignalRegistration? _registration =
        OperatingSystem.IsWindows() ? null : PosixSignalRegistration.Create(FileSizeExceeded, static context => context.Cancel = true);

    public void Dispose() => _registration?.Dispose();
}
