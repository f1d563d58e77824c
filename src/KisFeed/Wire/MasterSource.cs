using System.IO.Compression;

namespace KisFeed.Wire;

/// <summary>
/// One of the broker's master files (종목 마스터파일) on disk: unpacked, or packed as published, e.g. <c>kospi_code.mst.zip</c>.
/// </summary>
/// <param name="Path">The file, or the archive that has it.</param>
/// <param name="Name">Its own name in lower case, which determines its layout: <c>kospi_code.mst</c>.</param>
internal sealed record MasterSource(string Path, string Name)
{
    private const string ArchiveExtension = ".zip";
    private const int MaxBytes = 256 << 20;

    private static readonly string[] s_extensions = [".mst", ".cod"];

    private bool IsPacked => Path.EndsWith(ArchiveExtension, StringComparison.OrdinalIgnoreCase);

    /// <summary>Returns a file; <see langword="null"/> if it does not have the name of a master file, packed or not.</summary>
    public static MasterSource? Of(string path)
    {
        var source = new MasterSource(path, System.IO.Path.GetFileName(path).ToLowerInvariant());
        if (source.IsPacked)
            source = source with { Name = source.Name[..^ArchiveExtension.Length] };
        return s_extensions.Contains(System.IO.Path.GetExtension(source.Name), StringComparer.Ordinal) ? source : null;
    }

    /// <summary>
    /// Finds master files: the file itself, or those of a folder, by name. Of a file that is in the folder packed and unpacked, the
    /// unpacked one counts.
    /// </summary>
    /// <exception cref="IOException">The folder cannot be read.</exception>
    /// <exception cref="UnauthorizedAccessException">The folder cannot be read.</exception>
    public static IReadOnlyList<MasterSource> Find(string path)
    {
        if (!Directory.Exists(path))
            return Of(path) is { } file ? [file] : [];
        return
        [
            .. Directory.EnumerateFiles(path).Select(Of).OfType<MasterSource>()
                .OrderBy(source => source.Name, StringComparer.Ordinal).ThenBy(source => source.IsPacked)
                .DistinctBy(source => source.Name, StringComparer.Ordinal),
        ];
    }

    /// <summary>Reads the content, unpacked.</summary>
    /// <exception cref="IOException">The file cannot be read.</exception>
    /// <exception cref="UnauthorizedAccessException">The file cannot be read.</exception>
    /// <exception cref="InvalidDataException">It is not a readable archive, lacks the master file, or is too long to be one.</exception>
    public byte[] Read()
    {
        if (!IsPacked)
            return new FileInfo(Path).Length <= MaxBytes ? File.ReadAllBytes(Path) : throw TooLong();
        using var archive = ZipFile.OpenRead(Path);
        var entry = archive.Entries.FirstOrDefault(entry => entry.Name.Equals(Name, StringComparison.OrdinalIgnoreCase))
            ?? throw new InvalidDataException($"the archive does not have {Name}: download it again");
        if (entry.Length > MaxBytes)
            throw TooLong();
        using var stream = entry.Open();
        var content = new byte[entry.Length];
        stream.ReadExactly(content);
        return content;
    }

    private static InvalidDataException TooLong() => new($"it is longer than {MaxBytes} bytes, so it cannot be a master file");
}
