namespace KisFeed.Coordination.Tests.Model;

/// <summary>Random numbers from a seed.</summary>
internal sealed class ModelRandom
{
    private ulong _state;

    public ModelRandom(long seed, int part)
    {
        _state = ((ulong)seed * 0x9E3779B97F4A7C15UL) + ((ulong)part * 0xBF58476D1CE4E5B9UL) + 1;
        Next();
        Next();
    }

    public bool NextBool(double probability) => NextDouble() < probability;

    public double NextDouble() => (Next() >> 11) * (1.0 / (1UL << 53));

    public int Next(int end) => (int)(NextDouble() * end);

    public int NextBetween(int first, int last) => first + Next(last - first + 1);

    public TimeSpan NextMilliseconds(double first, double last) => TimeSpan.FromMilliseconds(first + ((last - first) * NextDouble()));

    public T Pick<T>(IReadOnlyList<T> items) => items[Next(items.Count)];

    // splitmix64: creating one costs nothing.
    private ulong Next()
    {
        _state += 0x9E3779B97F4A7C15UL;
        var z = _state;
        z = (z ^ (z >> 30)) * 0xBF58476D1CE4E5B9UL;
        z = (z ^ (z >> 27)) * 0x94D049BB133111EBUL;
        return z ^ (z >> 31);
    }
}
