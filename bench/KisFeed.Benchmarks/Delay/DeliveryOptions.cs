namespace KisFeed.Benchmarks.Delay;

/// <summary>Options of a measurement.</summary>
internal sealed record DeliveryOptions
{
    /// <summary>Frames a second.</summary>
    public required int Rate { get; init; }

    /// <summary>The measured time of each run.</summary>
    public required TimeSpan Measured { get; init; }

    /// <summary>The time before the measurement in which code is compiled and the queues of non-readers fill.</summary>
    public TimeSpan WarmUp { get; init; } = TimeSpan.FromSeconds(8);

    /// <summary>The number of consumers, half of each kind.</summary>
    public required int Consumers { get; init; }

    /// <summary>The number of consumers that stop reading, half of each kind. In the other runs they read, but are not counted.</summary>
    public required int NonReaders { get; init; }

    /// <summary>The number of pairs of runs.</summary>
    public required int Rounds { get; init; }

    /// <summary>Whether the run shows only that everything works.</summary>
    public bool IsBrief { get; init; }

    /// <summary>Frames of one run.</summary>
    public int Frames => (int)((WarmUp + Measured).TotalSeconds * Rate);

    /// <summary>The first measured frame.</summary>
    public int FirstMeasured => (int)(WarmUp.TotalSeconds * Rate);
}
