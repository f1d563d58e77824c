using System.Globalization;
using System.Security.Cryptography;
using KisFeed.Capture.Files;
using KisFeed.Wire;
using Microsoft.Win32.SafeHandles;

namespace KisFeed.Capture.Writing;

/// <summary>
/// A file of a feed that is being written. Data stays buffered until it is written, so that a failed write is repeated at the same offset.
/// </summary>
internal sealed class SeriesFile : IDisposable
{
    private const UnixFileMode Private = UnixFileMode.UserRead | UnixFileMode.UserWrite;
    private const UnixFileMode Public = Private | UnixFileMode.GroupRead | UnixFileMode.OtherRead;

    private readonly CaptureWriterOptions _options;
    private readonly bool _isPrivate;
    private readonly TextPacker _buffer;
    private bool _canContinue;
    private FileStream? _file;
    private IncrementalHash _hash = IncrementalHash.CreateHash(HashAlgorithmName.SHA256);
    private FileSummary _bufferSummary = new();
    private byte[] _head = [];
    private FileSummary _headSummary = new();
    private (DateOnly? Day, long Block) _stated;
    private bool _holdsText; // More than its header: a new file would have room for data that this file cannot hold.

    /// <summary>Creates the object. The file is opened at the first write.</summary>
    /// <param name="options">The options.</param>
    /// <param name="trId">The feed.</param>
    /// <param name="isPrivate">Whether only its owner may read it.</param>
    /// <param name="day">The day in Korea.</param>
    /// <param name="canContinue">Whether to continue the newest file of the feed and day, if it has room.</param>
    public SeriesFile(CaptureWriterOptions options, string trId, bool isPrivate, DateOnly day, bool canContinue)
    {
        _options = options;
        _isPrivate = isPrivate;
        _canContinue = canContinue;
        _buffer = new TextPacker(options.Compression);
        TrId = trId;
        Day = day;
    }

    public string TrId { get; }

    /// <summary>The day in Korea.</summary>
    public DateOnly Day { get; }

    public string Folder => System.IO.Path.Combine(_options.Directory, CaptureDays.NameOf(Day));

    /// <summary>The path; <see langword="null"/> before the first write.</summary>
    public string? Path => _file?.Name;

    /// <summary>The length of the written file, in bytes.</summary>
    public long Length { get; private set; }

    /// <summary>Buffered bytes that are not in the file yet.</summary>
    public long BufferedLength => _buffer.Length;

    /// <summary>Frames written by this object, without those of an earlier recorder.</summary>
    public long WrittenFrames { get; private set; }

    /// <summary>Bytes written by this object, without those of an earlier recorder.</summary>
    public long WrittenBytes { get; private set; }

    public FileSummary Summary { get; private set; } = new();

    public bool IsClosed { get; private set; }

    /// <summary>
    /// Whether the next frame needs a line that states its day: the day has changed, or it is the first frame of a block, at each of which
    /// readers may begin.
    /// </summary>
    /// <param name="statedDay">The day that the source states for the frame.</param>
    /// <param name="length">The length of the frame's line at most.</param>
    public bool MustState(DateOnly? statedDay, int length) =>
        statedDay != _stated.Day || (statedDay is not null && (_stated.Block != _buffer.Blocks || !_buffer.HasRoomFor(length)));

    /// <summary>Adds a frame.</summary>
    /// <param name="line">Its line, after one that states its day if that is necessary.</param>
    /// <param name="at">The time of receipt.</param>
    /// <param name="statedDay">The day that the source states for it.</param>
    public void AddFrame(ReadOnlySpan<byte> line, DateTimeOffset at, DateOnly? statedDay)
    {
        _buffer.Add(line);
        _bufferSummary.Frame(at);
        _stated = (statedDay, _buffer.Blocks);
    }

    public void AddEvent(ReadOnlySpan<byte> line, CaptureEvent captureEvent)
    {
        _buffer.Add(line);
        _bufferSummary.Event(captureEvent);
    }

    public bool IsLost => _file is not null && !File.Exists(_file.Name);

    /// <summary>Whether another recorder may have used the folder, so that the file may have changed.</summary>
    public bool IsSuspect { get; set; }

    /// <summary>Whether the file has reached the file size limit of the process (<c>ulimit -f</c>) or of the file system.</summary>
    public bool HasReachedLimit { get; private set; }

    /// <summary>
    /// Compares the file at the path with the written content. If it is the same, it is opened again, because it may be a copy.
    /// </summary>
    /// <exception cref="IOException">The file cannot be read.</exception>
    public FileState Check()
    {
        var path = _file!.Name;
        using (var there = File.OpenHandle(path, FileMode.Open, FileAccess.Read, FileShare.ReadWrite | FileShare.Delete))
        {
            var length = RandomAccess.GetLength(there);
            if (length < Length || !HashOf(there, Length).AsSpan().SequenceEqual(_hash.GetCurrentHash()))
                return FileState.Lost;
            if (length > Length)
                return FileState.Continued;
        }

        var file = Open(path, FileMode.Open);
        _file.Dispose();
        _file = file;
        return FileState.Same;
    }

    /// <summary>Abandons the file and continues in a new one with all unwritten data.</summary>
    /// <param name="head">The header line of the new file.</param>
    /// <param name="begun">The event in the header line.</param>
    public void StartNewFile(ReadOnlySpan<byte> head, CaptureEvent begun)
    {
        _file?.Dispose();
        _file = null;
        _hash.Dispose();
        _hash = IncrementalHash.CreateHash(HashAlgorithmName.SHA256);
        Length = 0;
        _canContinue &= !HasReachedLimit; // Otherwise it would continue the same file.
        HasReachedLimit = false;
        _holdsText = false;
        Summary = new FileSummary();
        _headSummary = new FileSummary();
        _headSummary.Event(begun);
        using var packer = new BlockPacker(_options.Compression);
        _head = packer.Pack(head).ToArray();
    }

    /// <summary>Writes the buffered data to the file.</summary>
    /// <exception cref="IOException">The write failed; the data stays buffered.</exception>
    public void Flush()
    {
        var blocks = _buffer.Pack();
        if (blocks.IsEmpty)
            return;
        _file ??= Open();
        if (_head.Length > 0)
        {
            Append(_head);
            Summary.Add(_headSummary);
            _head = [];
        }

        var next = new FileSummary();
        Append(blocks);

        // Nothing from here to the last line can fail, so that nothing is written or counted twice.
        _buffer.Clear();
        WrittenFrames += _bufferSummary.Frames;
        (var written, _bufferSummary) = (_bufferSummary, next);
        _holdsText = true;
        Summary.Add(written);
    }

    /// <summary>Flushes, and marks the file as closed.</summary>
    /// <exception cref="IOException">The write failed; close again.</exception>
    public void Close()
    {
        Flush();
        if (_file is null || IsClosed)
            return;
        Append(BlockHeader.EndMarker);
        IsClosed = true;
        _file.Dispose();
    }

    /// <summary>Returns the SHA-256 checksum of the written file, in hexadecimal.</summary>
    public string Checksum() => Convert.ToHexStringLower(_hash.GetCurrentHash());

    /// <summary>Closes the file without flushing.</summary>
    public void Dispose()
    {
        _file?.Dispose();
        _hash.Dispose();
        _buffer.Dispose();
    }

    private void Append(ReadOnlySpan<byte> bytes)
    {
        var file = _file!.SafeFileHandle;
        try
        {
            RandomAccess.Write(file, bytes, Length);
            if (_options.FlushToDisk)
                RandomAccess.FlushToDisk(file);
        }
        catch (Exception e)
        {
            HasReachedLimit = _holdsText && WriteFailure.IsFileTooLarge(e);
            TruncateToLength();
            throw;
        }

        _hash.AppendData(bytes);
        Length += bytes.Length;
        WrittenBytes += bytes.Length;
    }

    // Removes a partial write. If that fails, the next write overwrites it.
    private void TruncateToLength()
    {
        try
        {
            RandomAccess.SetLength(_file!.SafeFileHandle, Length);
        }
        catch (IOException)
        {
            // The failed write is reported already.
        }
    }

    private FileStream Open()
    {
        Directory.CreateDirectory(Folder);
        return (_canContinue ? TryContinue() : null) ?? Create();
    }

    // Continues the newest file of the feed and day if it is intact and has room.
    private FileStream? TryContinue()
    {
        var newest = Directory.EnumerateFiles(Folder, $"{TrId}-*.log.gz").Where(path => new FileInfo(path).LinkTarget is null)
            .Select(FileProbe.Read).MaxBy(file => (file.FirstAt, file.Path.Length, file.Path));
        if (newest is null || newest.Length >= _options.MaxFileBytes)
            return null;
        try
        {
            return TryContinue(newest.Path);
        }
        catch (Exception e) when (e is UnauthorizedAccessException or FileNotFoundException)
        {
            // The file belongs to another user, or is a broken link.
            return null;
        }
    }

    private FileStream? TryContinue(string path)
    {
        using var check = FileCheck.Run(path);
        if (check.IsDamaged || check.SoundLength != check.Length || check.SoundLength == 0)
            return null;
        var file = Open(path, FileMode.Open);
        Summary = check.Summary;
        _hash.Dispose();
        _hash = check.DetachHash();
        Length = check.Length;
        _holdsText = true;
        return file;
    }

    private FileStream Create()
    {
        var begin = KoreaTime.From(_bufferSummary.FirstAt!.Value).ToString("HHmmss", CultureInfo.InvariantCulture);
        for (var number = 1; ; number++)
        {
            var path = System.IO.Path.Combine(Folder, number == 1 ? $"{TrId}-{begin}.log.gz" : $"{TrId}-{begin}-{number}.log.gz");
            if (!File.Exists(path))
                return Open(path, FileMode.CreateNew);
        }
    }

    private FileStream Open(string path, FileMode mode)
    {
        var options = new FileStreamOptions
        {
            Mode = mode,
            Access = FileAccess.Write,
            Share = FileShare.ReadWrite | FileShare.Delete,
            BufferSize = 0,
        };
        if (!OperatingSystem.IsWindows())
        {
            if (mode == FileMode.CreateNew)
                options.UnixCreateMode = _isPrivate ? Private : Public;
            else if (_isPrivate)
                File.SetUnixFileMode(path, Private);
        }

        return new FileStream(path, options);
    }

    private static byte[] HashOf(SafeFileHandle file, long length)
    {
        using var hash = IncrementalHash.CreateHash(HashAlgorithmName.SHA256);
        var buffer = new byte[1 << 16];
        for (var position = 0L; position < length;)
        {
            var read = RandomAccess.Read(file, buffer.AsSpan(0, (int)Math.Min(buffer.Length, length - position)), position);
            if (read == 0)
                break;
            hash.AppendData(buffer, 0, read);
            position += read;
        }

        return hash.GetHashAndReset();
    }
}

/// <summary>The state of a file after another recorder may have used its folder.</summary>
internal enum FileState
{
    Same,

    /// <summary>It holds the written content and more: another recorder has continued or closed it.</summary>
    Continued,
    Lost,
}
