using Microsoft.Win32.SafeHandles;

namespace KisFeed.Capture.Files;

/// <summary>A window that moves over a file from beginning to end. A growing file is read up to its current end.</summary>
internal sealed class FileWindow : IDisposable
{
    private const int Size = 1 << 18;

    private readonly SafeFileHandle _file;
    private readonly byte[] _buffer;
    private int _start;
    private int _end;
    private long _read;
    private bool _isAtEnd;

    /// <summary>Opens a file.</summary>
    /// <param name="path">The path.</param>
    /// <param name="position">The offset at which to begin.</param>
    /// <param name="buffer">A buffer from <see cref="NewBuffer"/> to use, for callers that open many files one after the other.</param>
    public FileWindow(string path, long position = 0, byte[]? buffer = null)
    {
        _file = File.OpenHandle(path, FileMode.Open, FileAccess.Read, FileShare.ReadWrite | FileShare.Delete, FileOptions.SequentialScan);
        _buffer = buffer ?? NewBuffer();
        _read = position;
    }

    public ReadOnlySpan<byte> Bytes => _buffer.AsSpan(_start, _end - _start);

    public long Position => _read - (_end - _start);

    /// <summary>Whether the window holds the maximum length of a block, or the rest of the file.</summary>
    public bool IsFilled => _isAtEnd || _end - _start >= BlockHeader.MaxBlockLength;

    public static byte[] NewBuffer() => new byte[Size];

    public void Skip(int count) => _start += count;

    /// <summary>Reads until <see cref="IsFilled"/>.</summary>
    public async ValueTask FillAsync(CancellationToken cancellationToken)
    {
        MakeRoom();
        while (!IsFilled)
            Filled(await RandomAccess.ReadAsync(_file, _buffer.AsMemory(_end), _read, cancellationToken).ConfigureAwait(false));
    }

    /// <summary>Reads synchronously until <see cref="IsFilled"/>.</summary>
    public void Fill()
    {
        MakeRoom();
        while (!IsFilled)
            Filled(RandomAccess.Read(_file, _buffer.AsSpan(_end), _read));
    }

    public void Dispose() => _file.Dispose();

    private void MakeRoom()
    {
        if (IsFilled)
            return;
        Bytes.CopyTo(_buffer);
        (_start, _end) = (0, _end - _start);
    }

    private void Filled(int count)
    {
        _isAtEnd = count == 0;
        _end += count;
        _read += count;
    }
}
