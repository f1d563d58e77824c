namespace KisFeed.Simulation.Plans;

/// <summary>Chance from a seed. Each part of a simulation has its own, so that leaving one part out does not change what the others do.</summary>
public sealed class Chance
{
    private readonly Random _random;

    public Chance(long seed, int part)
    {
        // Neighbouring seeds must not make similar numbers.
        var mixed = ((ulong)seed * 0x9E3779B97F4A7C15UL) + ((ulong)part * 0xBF58476D1CE4E5B9UL);
        mixed = (mixed ^ (mixed >> 31)) * 0x94D049BB133111EBUL;
        _random = new Random((int)(mixed >> 33));
    }

    /// <summary>True in this part of all cases.</summary>
    public bool Hits(double probability) => _random.NextDouble() < probability;

    public int Below(int end) => _random.Next(end);

    public int Between(int first, int last) => _random.Next(first, last + 1);

    public double Unit() => _random.NextDouble();

    public T Of<T>(IReadOnlyList<T> values) => values[_random.Next(values.Count)];

    public TimeSpan Milliseconds(int first, int last) => TimeSpan.FromMilliseconds(_random.Next(first, last + 1));

    public TimeSpan Seconds(double first, double last) => TimeSpan.FromMilliseconds(Math.Floor((first + ((last - first) * _random.NextDouble())) * 1000));
}
