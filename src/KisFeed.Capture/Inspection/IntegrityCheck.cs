using System.Globalization;
using System.Security.Cryptography;
using KisFeed.Capture.Files;
using KisFeed.Capture.Writing;

namespace KisFeed.Capture.Inspection;

/// <summary>
/// Compares files with their manifests after they have been read. Each file is read a second time; the progress covers both reads.
/// </summary>
internal sealed class IntegrityCheck(InspectionSink sink, IProgress<long>? progress, long length) : IProgress<long>
{
    private const int Chunk = 1 << 17;

    private readonly Dictionary<string, Dictionary<string, ManifestEntry>> _manifests = new(StringComparer.Ordinal);
    private readonly byte[] _buffer = new byte[Chunk];
    private long _hashed;

    public void Report(long value) => progress?.Report(value / 2);

    public async Task<FileReport> RunAsync(CaptureFile file, CancellationToken cancellationToken)
    {
        var report = sink.Of(file);
        report.Integrity = report switch
        {
            { IsDamaged: true } => FileIntegrity.Damaged,
            { IsTorn: true } => FileIntegrity.TornTail,
            _ => await CompareAsync(file, cancellationToken).ConfigureAwait(false),
        };
        _hashed += file.Length;
        report.IsBeingWritten = !file.IsClosed && IsBeingWritten(file);
        return report;
    }

    /// <summary>Finds missing files: those in the manifests of a folder and its subfolders that do not exist.</summary>
    public void FindMissing(string folder, CaptureReaderOptions options, CancellationToken cancellationToken)
    {
        try
        {
            foreach (var path in new FileSearch().In(folder, name => name == Manifest.FileName, cancellationToken))
            {
                var day = Path.GetDirectoryName(path)!;
                foreach (var entry in ManifestOf(day).Values)
                {
                    if (!CaptureReader.IsNamedAsCapture(entry.File)
                        || (options.TrIds.Count > 0 && !options.TrIds.Contains(entry.Feed, StringComparer.Ordinal)))
                    {
                        continue;
                    }
                    var missing = Path.Combine(day, entry.File);
                    if (!File.Exists(missing))
                    {
                        sink.Add(new CaptureProblem(CaptureProblemKind.Unreadable, $"{missing} is missing: "
                            + $"{Manifest.FileName} in its folder lists it")
                        { Path = missing });
                    }
                }
            }
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            sink.Add(new CaptureProblem(CaptureProblemKind.Unreadable, $"{folder} cannot be searched for missing files: {e.Message}")
            {
                Path = folder,
            });
        }
    }

    // Its recorder may have ended since the first read.
    private static bool IsBeingWritten(CaptureFile file)
    {
        if (DirectoryLock.IsHeldOver(file.Path))
            return true;
        var now = FileProbe.Read(file.Path);
        return now.IsClosed || now.Length > file.Length;
    }

    private async Task<FileIntegrity> CompareAsync(CaptureFile file, CancellationToken cancellationToken)
    {
        var uncompared = file.Format == CaptureFileFormat.Blocks ? FileIntegrity.Sound : FileIntegrity.Unchecked;
        if (ManifestOf(Path.GetDirectoryName(file.Path)!).GetValueOrDefault(Path.GetFileName(file.Path))
            is not { Sha256: { } expected } entry)
        {
            return uncompared;
        }
        try
        {
            var content = new FileStream(
                file.Path, FileMode.Open, FileAccess.Read, FileShare.ReadWrite | FileShare.Delete, bufferSize: 0, useAsync: false);
            await using (content.ConfigureAwait(false))
            {
                // A recorder may have continued the file after the manifest was written, and is still running or was killed.
                var isLonger = content.Length > entry.Bytes;
                if ((!isLonger || file.Format == CaptureFileFormat.Blocks)
                    && expected.Equals(
                        await HashAsync(content, entry.Bytes, cancellationToken).ConfigureAwait(false), StringComparison.OrdinalIgnoreCase))
                {
                    return isLonger ? FileIntegrity.Sound : FileIntegrity.Verified;
                }
            }
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            sink.Add(new CaptureProblem(CaptureProblemKind.Unreadable, $"{file.Path} cannot be read: {e.Message}") { Path = file.Path });
            return FileIntegrity.Damaged;
        }

        var lengths = entry.Bytes == file.Length
            ? ""
            : string.Create(CultureInfo.InvariantCulture, $", and it has {file.Length:N0} bytes instead of {entry.Bytes:N0}");
        sink.Add(new CaptureProblem(CaptureProblemKind.Corrupt, $"{file.Path} is not the file in {Manifest.FileName}: "
            + $"its checksum differs{lengths}")
        { Path = file.Path });
        return FileIntegrity.Changed;
    }

    private async Task<string> HashAsync(FileStream content, long count, CancellationToken cancellationToken)
    {
        using var hash = IncrementalHash.CreateHash(HashAlgorithmName.SHA256);
        var done = 0L;
        while (done < count)
        {
            var read = await content.ReadAsync(
                _buffer.AsMemory(0, (int)Math.Min(Chunk, count - done)), cancellationToken).ConfigureAwait(false);
            if (read == 0)
                break;
            hash.AppendData(_buffer, 0, read);
            done += read;
            progress?.Report((length + _hashed + done) / 2);
        }

        return Convert.ToHexStringLower(hash.GetHashAndReset());
    }

    private Dictionary<string, ManifestEntry> ManifestOf(string folder)
    {
        if (_manifests.TryGetValue(folder, out var manifest))
            return manifest;
        _manifests.Add(folder, manifest = Manifest.ReadEntries(folder, out var problem));
        if (problem is not null)
        {
            var path = Path.Combine(folder, Manifest.FileName);
            sink.Add(
                new CaptureProblem(CaptureProblemKind.Unreadable, $"{path} cannot be read, so files cannot be compared with it: {problem}")
                {
                    Path = path,
                });
        }

        return manifest;
    }
}
