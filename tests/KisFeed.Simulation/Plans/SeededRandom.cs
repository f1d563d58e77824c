namespace KisFeed.Simulation.Plans;

/// <summary>Random numbers from a seed. Each part of a simulation has its own, so that parts do not affect each other.</summary>
internal sealed class SeededRandom
{
    private readonly Random _random;

    public SeededRandom(long seed, int part)
    {
        // Consecutive seeds must not produce similar numbers.
        var mixed = ((ulong)seed * 0x9E3779B97F4A7C15UL) + ((ulong)part * 0xBF58476D1CE4E5B9UL);
        mixed = (mixed ^ (mixed >> 31)) * 0x94D049BB133111EBUL;
        _random = new Random((int)(mixed >> 33));
    }

    /// <summary>Returns true with the given probability.</summary>
    public bool NextBool(double probability) => _random.NextDouble() < probability;

    public int Next(int end) => _random.Next(end);

    public int NextBetween(int first, int last) => _random.Next(first, last + 1);

    public double NextDouble() => _random.NextDouble();

    public T Pick<T>(IReadOnlyList<T> values) => values[_random.Next(values.Count)];

    public TimeSpan NextMilliseconds(int first, int last) => TimeSpan.FromMilliseconds(_random.Next(first, last + 1));

    public TimeSpan NextSeconds(double first, double last) =>
        TimeSpan.FromMilliseconds(Math.Floor((first + ((last - first) * _random.NextDouble())) * 1000));
}
