using KisFeed.Capture;

namespace KisFeed.Cli.Captures;

/// <summary>A progress bar on standard error for reading a capture.</summary>
internal sealed class ReadProgress : IProgress<long>, IDisposable
{
    private const int Width = 24;

    private readonly Progress _shown;
    private readonly long _length;
    private long _position;

    /// <summary>Starts the progress bar.</summary>
    public ReadProgress(CommandHost host, CaptureReader reader, Func<string> text)
    {
        _length = Math.Max(1, reader.Files.Sum(file => file.Length));
        _shown = new Progress(host, () => $"{Bar()}  {text()}");
    }

    public void Report(long value) => Volatile.Write(ref _position, value);

    public void Dispose() => _shown.Dispose();

    private string Bar()
    {
        var part = Math.Clamp((double)Volatile.Read(ref _position) / _length, 0, 1);
        var full = (int)(part * Width);
        return $"{new string('█', full)}{new string('░', Width - full)} {part * 100,3:F0} %";
    }
}
