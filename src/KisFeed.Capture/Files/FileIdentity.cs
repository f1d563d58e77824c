using System.Runtime.InteropServices;
using Microsoft.Win32.SafeHandles;

namespace KisFeed.Capture.Files;

/// <summary>
/// What identifies a file whatever its name: device and inode on Linux and macOS, volume and index on Windows. On other systems it is the
/// path with its last links resolved.
/// </summary>
internal readonly partial record struct FileIdentity
{
    // More than any of the structures has.
    private const int StatusLength = 256;

    private readonly ulong _device;
    private readonly ulong _number;
    private readonly string? _path;

    private FileIdentity(ulong device, ulong number, string? path) => (_device, _number, _path) = (device, number, path);

    /// <summary>
    /// Returns the identity of a file, or of the file that a link points to; <see langword="null"/> if it cannot be found.
    /// </summary>
    public static FileIdentity? Of(string path)
    {
        try
        {
            if (!File.Exists(path))
                return null;
            if (OperatingSystem.IsLinux())
                return OfLinux(path) ?? OfPath(path);
            if (OperatingSystem.IsWindows())
                return OfWindows(path) ?? OfPath(path);
            return OperatingSystem.IsMacOS() ? OfMac(path) ?? OfPath(path) : OfPath(path);
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException or DllNotFoundException or EntryPointNotFoundException)
        {
            return null;
        }
    }

    private static FileIdentity OfPath(string path) =>
        new(0, 0, Path.GetFullPath(new FileInfo(path).ResolveLinkTarget(returnFinalTarget: true)?.FullName ?? path));

    // The layout of struct statx is the same on all architectures and with every C library.
    private static FileIdentity? OfLinux(string path)
    {
        const int CurrentFolder = -100;
        const uint Inode = 0x100;
        const int InodeOffset = 32;
        const int DeviceOffset = 136;
        var status = new byte[StatusLength];
        if (StatX(CurrentFolder, path, 0, Inode, status) != 0)
            return null;
        return new FileIdentity(BitConverter.ToUInt64(status, DeviceOffset), BitConverter.ToUInt64(status, InodeOffset), null);
    }

    private static FileIdentity? OfMac(string path)
    {
        const int InodeOffset = 8;
        var status = new byte[StatusLength];
        var error = RuntimeInformation.ProcessArchitecture == Architecture.X64 ? StatInode64(path, status) : Stat(path, status);
        return error == 0 ? new FileIdentity(BitConverter.ToUInt32(status), BitConverter.ToUInt64(status, InodeOffset), null) : null;
    }

    private static FileIdentity? OfWindows(string path)
    {
        const int VolumeOffset = 28;
        const int IndexHighOffset = 44;
        const int IndexLowOffset = 48;
        using var file = File.OpenHandle(path, FileMode.Open, FileAccess.Read, FileShare.ReadWrite | FileShare.Delete);
        var information = new byte[StatusLength];
        if (GetFileInformationByHandle(file, information) == 0)
            return null;
        return new FileIdentity(
            BitConverter.ToUInt32(information, VolumeOffset),
            ((ulong)BitConverter.ToUInt32(information, IndexHighOffset) << 32) | BitConverter.ToUInt32(information, IndexLowOffset),
            null);
    }

    [LibraryImport("libc", EntryPoint = "statx", StringMarshalling = StringMarshalling.Utf8)]
    private static partial int StatX(int folder, string path, int flags, uint mask, [Out] byte[] status);

    [LibraryImport("libc", EntryPoint = "stat", StringMarshalling = StringMarshalling.Utf8)]
    private static partial int Stat(string path, [Out] byte[] status);

    [LibraryImport("libc", EntryPoint = "stat$INODE64", StringMarshalling = StringMarshalling.Utf8)]
    private static partial int StatInode64(string path, [Out] byte[] status);

    [LibraryImport("kernel32", EntryPoint = "GetFileInformationByHandle")]
    private static partial int GetFileInformationByHandle(SafeFileHandle file, [Out] byte[] information);
}
