using System.Globalization;
using System.Text.Json;

namespace KisFeed.Capture;

/// <summary>Puts in order what an earlier recorder left that was killed: cuts torn ends, closes the files and enters them in the manifests.</summary>
internal static class Recovery
{
    /// <summary>Goes through the days of a capture. What cannot be read or written there is left and told: it is no reason to record nothing today.</summary>
    /// <exception cref="IOException">The folder cannot be searched.</exception>
    public static IReadOnlyList<CaptureRecovery> Run(CaptureWriterOptions options)
    {
        List<CaptureRecovery> found = [];
        foreach (var folder in Directory.EnumerateDirectories(options.Directory).Order(StringComparer.Ordinal))
        {
            if (DateOnly.TryParseExact(Path.GetFileName(folder), "yyyy-MM-dd", CultureInfo.InvariantCulture, DateTimeStyles.None, out var day))
                Try(folder, found, () => RecoverDay(options, folder, day, found));
        }

        return found;
    }

    private static void RecoverDay(CaptureWriterOptions options, string folder, DateOnly day, List<CaptureRecovery> found)
    {
        var manifest = Manifest.Read(folder, day);
        foreach (var path in Directory.EnumerateFiles(folder, "*.log.gz").Order(StringComparer.Ordinal))
        {
            Try(path, found, () =>
            {
                var file = FileProbe.Read(path);
                if (file.IsEmpty)
                {
                    File.Delete(path);
                    found.Add(new CaptureRecovery(path) { IsRemoved = true });
                }
                else if ((!file.IsClosed || manifest.Get(Path.GetFileName(path))?.Bytes != file.Length) && (file.Form == CaptureFileFormat.Blocks || file.Length == 0))
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
            // Where its very first write was torn there is nothing in it.
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

    /// <summary>What is to be said of a file in the manifest.</summary>
    public static ManifestEntry Entry(CaptureWriterOptions options, string trId, string file, FileSummary summary, long length, string? checksum) => new()
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
/// Runs, on memory, the code that opens a file, while there is nothing to lose: the libraries that it needs are loaded now. Later the process may have no more files to open, and the runtime
/// does not try again to load a library that it could not load once.
/// </summary>
internal static class WriterWarmup
{
    public static void Run(CaptureWriterOptions options)
    {
        using var packer = new TextPacker(options.Compression);
        using var file = new SeriesFile(options, "REHEARSAL", isPrivate: true, DateOnly.MinValue, canContinue: false);
        packer.Add("\n"u8);
        _ = packer.Blocks().Length;
        _ = file.Checksum();
        var entry = Recovery.Entry(options, file.TrId, "", file.Summary, 0, file.Checksum());
        JsonSerializer.Serialize(Stream.Null, new ManifestContent { Day = DateOnly.MinValue, Files = [entry] }, ManifestJson.Default.ManifestContent);
    }
}
