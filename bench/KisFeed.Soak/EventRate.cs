namespace KisFeed.Soak;

/// <summary>How many market events make a frame.</summary>
/// <remarks>
/// The simulator puts records of one feed that fall into the same 50 milliseconds into one frame, up to twenty; notices travel alone. So most events
/// make no frame of their own. How many do was measured, and what the faults keep from arriving is in it.
/// </remarks>
internal static class EventRate
{
    private const double EventsPerFrame = 4.1;

    /// <summary>Market events a second that bring as many frames a second as are asked for, about.</summary>
    public static double For(SoakOptions options) => options.Rate * EventsPerFrame;
}
