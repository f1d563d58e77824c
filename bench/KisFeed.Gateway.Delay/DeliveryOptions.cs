namespace KisFeed.Gateway.Delay;

/// <summary>What is measured.</summary>
internal sealed record DeliveryOptions
{
    /// <summary>Frames a second.</summary>
    public required int Rate { get; init; }

    /// <summary>How long each run is measured.</summary>
    public required TimeSpan Measured { get; init; }

    /// <summary>How long before that frames flow already: the code is compiled, and the queues of who does not read fill.</summary>
    public TimeSpan WarmUp { get; init; } = TimeSpan.FromSeconds(8);

    /// <summary>Consumers, half of each kind.</summary>
    public required int Consumers { get; init; }

    /// <summary>How many of them stop reading, half of each kind. In the runs beside they read, and are left out of the figures.</summary>
    public required int Deaf { get; init; }

    /// <summary>How often both are measured.</summary>
    public required int Rounds { get; init; }

    /// <summary>Frames of one run.</summary>
    public int Frames => (int)((WarmUp + Measured).TotalSeconds * Rate);

    /// <summary>The first frame that is measured.</summary>
    public int FirstMeasured => (int)(WarmUp.TotalSeconds * Rate);
}
