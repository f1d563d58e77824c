using KisFeed.Benchmarks.Comparing;

namespace KisFeed.Benchmarks.Checking;

/// <summary>The limits of <c>check</c>. To tighten one, change its reference or its margin here.</summary>
internal static class Limits
{
    public static Limit Decode { get; } =
        new("decode: typed record ÷ one scan of the bytes", "×", Bound.AtMost, Reference: 28, Margin: 1.8);

    public static Limit Fanout { get; } =
        new("fan-out: deliveries to 200 consumers ÷ bare broadcast", "×", Bound.AtLeast, Reference: 4, Margin: 1.6);

    public static Limit FanoutProcessor { get; } =
        new("fan-out: processor time of a delivery ÷ bare broadcast", "×", Bound.AtMost, Reference: 0.3, Margin: 2);

    public static Limit RecordCores { get; } =
        new("recorder: cores at 100,000 frames a second", "", Bound.AtMost, Reference: 0.25, Margin: 2);

    // Depends on how many frames are received at once: up to 53 were seen.
    public static Limit RecordAllocated { get; } = new("recorder: allocated, bytes a frame", "", Bound.AtMost, Reference: 12, Margin: 5);

    public static Limit Delay { get; } =
        new("delay: p99 at 5,000 frames a second ÷ bare loop", "×", Bound.AtMost, Reference: 1.3, Margin: 2);

    public static Limit ReadAllocated { get; } =
        new("capture: allocated by a reader, bytes a frame", "", Bound.AtMost, Reference: 10, Margin: 2.5);
}

/// <summary>A limit: what a healthy state gives, and how far from it a result may be on any machine and day.</summary>
/// <param name="Name">What is measured.</param>
/// <param name="Unit"><c>×</c> for a ratio.</param>
/// <param name="Bound">The direction of the limit.</param>
/// <param name="Reference">The value that is expected.</param>
/// <param name="Margin">The factor between the expected value and the limit.</param>
internal sealed record Limit(string Name, string Unit, Bound Bound, double Reference, double Margin)
{
    public double Value => Bound == Bound.AtLeast ? Reference / Margin : Reference * Margin;

    /// <summary>Whether a value is within the limit. NaN is not.</summary>
    public bool Allows(double value) => Bound == Bound.AtLeast ? value >= Value : value <= Value;
}

/// <summary>A measured value.</summary>
/// <param name="Limit">Its limit.</param>
/// <param name="Value">The value.</param>
/// <param name="Missed">The value of the first attempt, if that missed the limit of this measurement or of
/// another one in the same run.</param>
internal sealed record CheckResult(Limit Limit, double Value, double? Missed = null)
{
    public bool Holds => Limit.Allows(Value);
}
