using KisFeed.Capture;

namespace KisFeed.Cli.Tests.Running;

/// <summary>A folder with a small capture, deleted at the end of the test.</summary>
internal sealed class CapturedTicks : IDisposable
{
    private readonly DirectoryInfo _folder = Directory.CreateTempSubdirectory("kisfeed-cli-capture-");

    public CapturedTicks(Action<CaptureWriter> write)
    {
        Directory.CreateDirectory(OutputFolder);
        using var writer = new CaptureWriter(new CaptureWriterOptions { Directory = Path, FlushToDisk = false });
        write(writer);
        writer.Close();
    }

    /// <summary>09:00 in Korea.</summary>
    public static DateTimeOffset Opening { get; } = new(2026, 11, 20, 0, 0, 0, TimeSpan.Zero);

    /// <summary>The folder of the capture.</summary>
    public string Path => System.IO.Path.Combine(_folder.FullName, "capture");

    /// <summary>A folder for output.</summary>
    public string OutputFolder => System.IO.Path.Combine(_folder.FullName, "out");

    public static byte[] Index(string time, string price, int volume, int total, string key = "0001") =>
        Encoding.UTF8.GetBytes(string.Create(
            CultureInfo.InvariantCulture,
            $"0|H0UPCNT0|001|{key}^{time}^{price}^2^32.68^{total}^{total * 10}^{volume}^{volume * 10}^1.26^2615.72^2624.82^2610.00^23.86^2^"
                + $"32.96^2^18.14^2^0.92^1.27^0.70^0^670^72^177^0^0^0^19"));

    public static byte[] Bytes(string text) => Encoding.UTF8.GetBytes(text);

    public string Out(string name) => System.IO.Path.Combine(OutputFolder, name);

    public void Dispose() => _folder.Delete(recursive: true);
}
