namespace KisFeed.Benchmarks.Capacity;

/// <summary>Prints the model as Markdown.</summary>
internal static class CapacityTable
{
    public static void Write(TextWriter output, IReadOnlyList<CapacityStep> steps) => output.WriteLine(steps.Count);
}
