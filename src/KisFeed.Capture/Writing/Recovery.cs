using System.Text.Json;
using KisFeed.Capture.Files;

namespace KisFeed.Capture.Writing;

/// <summary>
/// Recovers the files of an earlier recorder that was killed: cuts off torn ends, closes the files and adds them to the manifests.
/// </summary>
internal static class Recovery
{
    /// <summary>
    /// Recovers all days of a capture. Files that cannot be read or written are left unchanged and reported: they must not stop recording.
    /// </summary>
    /// <exception cref="IOException">The folder cannot be searched.</exception>
    public static IReadOnlyList<CaptureRecovery> Run(CaptureWriterOptions options)
    {
        List<CaptureRecovery> found = [.. DatedFile.LinksIn(options.Directory)
            .Select(link => new CaptureRecovery(link.Path) { Problem = $"it {link.Reason}: it is not read" })];
        foreach (var (day, folder) in CaptureDays.FoldersIn(options.Directory))
            Try(folder.FullName, found, () => RecoverDay(options, folder.FullName, day, found));

        return found;
    }

    private static void RecoverDay(CaptureWriterOptions options, string folder, DateOnly day, List<CaptureRecovery> found)
    {
        var manifest = Manifest.Read(folder, day);
        foreach (var path in Directory.EnumerateFiles(folder, "*.log.gz").Where(path => new FileInfo(path).LinkTarget is null)
            .Order(StringComparer.Ordinal))
        {
            Try(path, found, () =>
            {
                var file = FileProbe.Read(path);
                if (file.IsEmpty)
                {
                    File.Delete(path);
                    found.Add(new CaptureRecovery(path) { IsRemoved = true });
                }
                else if ((!file.IsClosed || manifest.Get(Path.GetFileName(path))?.Bytes != file.Length)
                    && (file.Format == CaptureFileFormat.Blocks || file.Length == 0))
                {
                    Recover(options, path, manifest, found);
                }
            });
        }

        manifest.Save();
    }

    private static void Try(string path, List<CaptureRecovery> found, Action recover)
    {
        try
        {
            recover();
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            found.Add(new CaptureRecovery(path) { Problem = e.Message });
        }
    }

    private static void Recover(CaptureWriterOptions options, string path, Manifest manifest, List<CaptureRecovery> found)
    {
        using var check = FileCheck.Run(path);
        if (check.IsDamaged)
        {
            found.Add(new CaptureRecovery(path) { IsDamaged = true });
            return;
        }

        var trId = Path.GetFileName(path).Split('-')[0];
        if (!check.IsClosed)
        {
            // If its first write was torn, nothing of it is intact.
            found.Add(new CaptureRecovery(path) { CutBytes = check.Length - check.SoundLength, IsRemoved = check.SoundLength == 0 });
            if (check.SoundLength == 0)
            {
                File.Delete(path);
                return;
            }

            using var file = File.OpenHandle(path, FileMode.Open, FileAccess.ReadWrite);
            RandomAccess.SetLength(file, check.SoundLength);
            RandomAccess.Write(file, BlockHeader.EndMarker, check.SoundLength);
            RandomAccess.FlushToDisk(file);
        }

        using var closed = check.IsClosed ? null : FileCheck.Run(path);
        manifest.Set(Entry(options, trId, Path.GetFileName(path), check.Summary, (closed ?? check).Length, (closed ?? check).Checksum));
    }

    public static ManifestEntry Entry(
        CaptureWriterOptions options, string trId, string file, FileSummary summary, long length, string? checksum) =>
        new()
        {
            File = file,
            Feed = trId,
            Keys = options.IsPrivate(trId) ? [] : [.. summary.Keys],
            First = summary.FirstAt?.ToUniversalTime(),
            Last = summary.LastAt?.ToUniversalTime(),
            Frames = summary.Frames,
            Bytes = length,
            Sha256 = checksum,
        };
}

/// <summary>
/// Runs the code that writes a file once in memory at the start, so that the libraries it needs are loaded. Later the process may have run
/// out of file handles, and the runtime does not retry loading a library that failed to load.
/// </summary>
internal static class WriterWarmup
{
    public static void Run(CaptureWriterOptions options)
    {
        using var packer = new TextPacker(options.Compression);
        using var file = new SeriesFile(options, "REHEARSAL", isPrivate: true, DateOnly.MinValue, canContinue: false);
        packer.Add("\n"u8);
        _ = packer.Pack().Length;
        _ = file.Checksum();
        var entry = Recovery.Entry(options, file.TrId, "", file.Summary, 0, file.Checksum());
        JsonSerializer.Serialize(
            Stream.Null, new ManifestContent { Day = DateOnly.MinValue, Files = [entry] }, ManifestJson.Default.ManifestContent);
    }
}
