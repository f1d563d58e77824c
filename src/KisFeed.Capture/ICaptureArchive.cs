namespace KisFeed.Capture;

/// <summary>
/// A capture that is kept elsewhere than in a folder, for example in a database: the content of its files, byte for byte. It may be slow or
/// absent, and is read only where the folder does not reach back. Thread-safe.
/// </summary>
public interface ICaptureArchive
{
    /// <summary>Finds the files of some feeds and days.</summary>
    /// <param name="trIds">The TR IDs.</param>
    /// <param name="first">The first day in Korea.</param>
    /// <param name="last">The last day in Korea.</param>
    /// <param name="cancellationToken">Cancels the search.</param>
    /// <exception cref="CaptureArchiveException">The archive cannot be read now.</exception>
    Task<IReadOnlyList<ArchivedFile>> FindAsync(
        IReadOnlyCollection<string> trIds, DateOnly first, DateOnly last, CancellationToken cancellationToken);

    /// <summary>
    /// Reads a file in parts, of which few are in memory at a time. Between two parts nothing is held that must be released.
    /// </summary>
    /// <param name="file">The file.</param>
    /// <param name="from">Parts with only earlier lines may be left out; <see langword="null"/> for the whole file.</param>
    /// <param name="cancellationToken">Cancels the reading.</param>
    /// <exception cref="CaptureArchiveException">The archive cannot be read now.</exception>
    IAsyncEnumerable<ArchivedPart> ReadAsync(ArchivedFile file, DateTimeOffset? from, CancellationToken cancellationToken);

    /// <summary>The days of which something is kept, earliest first.</summary>
    /// <exception cref="CaptureArchiveException">The archive cannot be read now.</exception>
    Task<IReadOnlyList<DateOnly>> DaysAsync(CancellationToken cancellationToken);
}

/// <summary>A file of a capture in an archive.</summary>
/// <param name="Name">The path within the folder of the capture: <c>2026-11-20/H0UPCNT0-090000.log.gz</c>.</param>
/// <param name="TrId">The TR ID.</param>
/// <param name="Length">The bytes that were archived.</param>
public sealed record ArchivedFile(string Name, string TrId, long Length)
{
    /// <summary>The time of the first line; <see langword="null"/> if unknown. It may be earlier by less than a microsecond.</summary>
    public DateTimeOffset? FirstAt { get; init; }

    /// <summary>Whether the file was removed before all of it was archived.</summary>
    public bool IsTruncated { get; init; }
}

/// <summary>A part of a file in an archive: whole blocks, which begin with a line.</summary>
/// <param name="Position">The offset in the file.</param>
/// <param name="Bytes">The bytes.</param>
public sealed record ArchivedPart(long Position, ReadOnlyMemory<byte> Bytes);

/// <summary>An archive cannot be read now. The message says why, without names of hosts and users; retrying may help.</summary>
public sealed class CaptureArchiveException(string message, Exception? innerException = null) : Exception(message, innerException);
