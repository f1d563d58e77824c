namespace KisFeed.Dashboard.Day;

/// <summary>How long frames took, in milliseconds from one to the next; 16.7 is what a screen of 60 Hz allows for.</summary>
internal sealed record FrameTimes
{
    public required int Frames { get; init; }

    public required double Median { get; init; }

    public required double P99 { get; init; }

    public required double Longest { get; init; }

    /// <summary>Frames that took longer than 50 ms.</summary>
    public required int Over50 { get; init; }

    /// <summary>Frames in which the page's own work took longer than 50 ms, as the browser tells them.</summary>
    public required int LongTasks { get; init; }

    /// <summary>The longest of those.</summary>
    public required double LongestTask { get; init; }
}
