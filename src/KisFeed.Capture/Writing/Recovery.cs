using System.Globalization;

namespace KisFeed.Capture;

/// <summary>Puts in order what an earlier recorder left that was killed: cuts torn ends, closes the files and enters them in the manifests.</summary>
internal static class Recovery
{
    /// <summary>Goes through the days of a capture.</summary>
    /// <exception cref="IOException">A file cannot be read or cut.</exception>
    public static IReadOnlyList<CaptureRecovery> Run(CaptureWriterOptions options)
    {
        List<CaptureRecovery> found = [];
        foreach (var folder in Directory.EnumerateDirectories(options.Directory).Order(StringComparer.Ordinal))
        {
            if (!DateOnly.TryParseExact(Path.GetFileName(folder), "yyyy-MM-dd", CultureInfo.InvariantCulture, DateTimeStyles.None, out var day))
                continue;
            var manifest = Manifest.Read(folder, day);
            foreach (var path in Directory.EnumerateFiles(folder, "*.log.gz").Order(StringComparer.Ordinal))
            {
                var file = FileProbe.Look(path);
                if (file.IsClosed && manifest.Get(Path.GetFileName(path))?.Bytes == file.Length)
                    continue;
                if (file.Form == CaptureForm.Blocks || file.Length == 0)
                    Recover(options, path, manifest, found);
            }

            manifest.Save();
        }

        return found;
    }

    private static void Recover(CaptureWriterOptions options, string path, Manifest manifest, List<CaptureRecovery> found)
    {
        using var check = FileCheck.Run(path);
        if (check.IsDamaged)
        {
            found.Add(new CaptureRecovery(path, 0, IsDamaged: true));
            return;
        }

        var trId = Path.GetFileName(path).Split('-')[0];
        if (!check.IsClosed)
        {
            found.Add(new CaptureRecovery(path, check.Length - check.SoundLength, IsDamaged: false));
            if (check.SoundLength == 0)
            {
                // Its very first write was torn, so there is nothing in it.
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
