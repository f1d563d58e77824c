using System.Runtime.InteropServices;

namespace KisFeed.Soak.Gateways.Measures;

/// <summary>
/// The heap of glibc, which the runtime, its compiler and compression use. The used bytes distinguish a leak from cached memory.
/// </summary>
/// <param name="Used">Bytes in use.</param>
/// <param name="Free">Cached bytes.</param>
internal sealed record NativeHeap(long Used, long Free)
{
    /// <summary>Reads the current values; zeros for other C libraries.</summary>
    public static NativeHeap Measure()
    {
        if (!OperatingSystem.IsLinux())
            return new NativeHeap(0, 0);
        try
        {
            var info = ReadInfo();
            return new NativeHeap((long)(info.Used + info.Mapped), (long)info.Free);
        }
        catch (EntryPointNotFoundException)
        {
            return new NativeHeap(0, 0);
        }
    }

    [DllImport("libc", EntryPoint = "mallinfo2")]
    [DefaultDllImportSearchPaths(DllImportSearchPath.SafeDirectories)]
    private static extern Info ReadInfo();

    // struct mallinfo2, of size_t.
    [StructLayout(LayoutKind.Sequential)]
    private readonly struct Info
    {
        private readonly nuint _arena;
        private readonly nuint _freeChunks;
        private readonly nuint _fastChunks;
        private readonly nuint _mappings;
        public readonly nuint Mapped;
        private readonly nuint _peak;
        private readonly nuint _fastFree;
        public readonly nuint Used;
        public readonly nuint Free;
        private readonly nuint _top;
    }
}
