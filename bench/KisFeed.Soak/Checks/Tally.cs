using System.Globalization;

namespace KisFeed.Soak.Checks;

/// <summary>What a subscription was given, or several together.</summary>
internal sealed record Tally
{
    public long Records { get; init; }

    public long Interruptions { get; init; }

    public long Gaps { get; init; }

    /// <summary>Gaps because the consumer was too slow.</summary>
    public long Overflows { get; init; }

    /// <summary>Gaps whose volume the client could not tell, where what stands behind them explains that.</summary>
    public long UnmeasuredGaps { get; init; }

    public long Malformed { get; init; }

    /// <summary>Volume of the records delivered, of feeds that state it.</summary>
    public long DeliveredVolume { get; init; }

    /// <summary>Volume that gaps told of, on the same feeds.</summary>
    public long MissedVolume { get; init; }

    /// <summary>How much the cumulative volume of these feeds grew from the first record to the last, gaps without a volume left out.</summary>
    public long Growth { get; init; }

    public static Tally operator +(Tally a, Tally b) => Combine(a, b, 1);

    public static Tally operator -(Tally a, Tally b) => Combine(a, b, -1);

    private static Tally Combine(Tally a, Tally b, int sign) => new()
    {
        Records = a.Records + (sign * b.Records),
        Interruptions = a.Interruptions + (sign * b.Interruptions),
        Gaps = a.Gaps + (sign * b.Gaps),
        Overflows = a.Overflows + (sign * b.Overflows),
        UnmeasuredGaps = a.UnmeasuredGaps + (sign * b.UnmeasuredGaps),
        Malformed = a.Malformed + (sign * b.Malformed),
        DeliveredVolume = a.DeliveredVolume + (sign * b.DeliveredVolume),
        MissedVolume = a.MissedVolume + (sign * b.MissedVolume),
        Growth = a.Growth + (sign * b.Growth),
    };
}

/// <summary>What was found to be wrong. For any thread.</summary>
internal sealed class Findings
{
    private const int TextsKept = 20;

    private readonly Lock _gate = new();
    private readonly List<string> _texts = [];
    private long _count;

    public long Count => Interlocked.Read(ref _count);

    /// <summary>The first of them.</summary>
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
            if (_texts.Count == TextsKept)
                return;
            var now = DateTimeOffset.UtcNow.ToString("HH:mm:ss.fff", CultureInfo.InvariantCulture);
            _texts.Add($"{now} {text}");
        }

        Console.Error.WriteLine($"WRONG: {text}");
    }
}
