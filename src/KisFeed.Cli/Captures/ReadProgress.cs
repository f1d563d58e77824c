using KisFeed.Capture;
using KisFeed.Cli.Hosting;
using KisFeed.Cli.Output;

namespace KisFeed.Cli.Captures;

/// <summary>How much of a capture has been read, as a bar on standard error.</summary>
internal sealed class ReadProgress : IProgress<long>, IDisposable
{
    private const int Width = 24;

    private readonly Progress _shown;
    private readonly long _length;
    private long _position;

    /// <summary>Begins.</summary>
    /// <param name="host">Where it runs; one whose output is not the terminal where data go elsewhere.</param>
    /// <param name="reader">What is read.</param>
    /// <param name="text">Says what has come of it so far; called on another thread.</param>
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
