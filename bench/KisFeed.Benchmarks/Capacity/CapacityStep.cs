namespace KisFeed.Benchmarks.Capacity;

/// <summary>A size of a cluster.</summary>
internal sealed record CapacityStep
{
    public const double DefaultFramesPerKey = 5;

    public static IReadOnlyList<CapacityStep> All(double framesPerKey) => [];
}
