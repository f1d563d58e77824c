using System.Runtime.InteropServices;

namespace KisFeed.Capture;

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
