using System.Text.Json;

namespace KisFeed.Capture;

/// <summary>
/// Runs, on memory, the code that opens a file, while there is nothing to lose: the libraries that it needs are loaded now. Later the process may have no more files to open, and the runtime
/// does not try again to load a library that it could not load once.
/// </summary>
internal static class Rehearsal
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
