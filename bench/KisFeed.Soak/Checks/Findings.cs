using System.Globalization;

namespace KisFeed.Soak.Checks;

/// <summary>Collects errors. Thread-safe.</summary>
internal sealed class Findings
{
    private const int MaxTexts = 20;

    private readonly Lock _gate = new();
    private readonly List<string> _texts = [];
    private long _count;

    public long Count => Interlocked.Read(ref _count);

    /// <summary>The first errors.</summary>
    public IReadOnlyList<string> Texts
    {
        get
        {
            lock (_gate)
                return [.. _texts];
        }
    }

    public void Add(string text)
    {
        Interlocked.Increment(ref _count);
        lock (_gate)
        {
            if (_texts.Count == MaxTexts)
                return;
            var now = DateTimeOffset.UtcNow.ToString("HH:mm:ss.fff", CultureInfo.InvariantCulture);
            _texts.Add($"{now} {text}");
        }

        Console.Error.WriteLine($"WRONG: {text}");
    }
}
