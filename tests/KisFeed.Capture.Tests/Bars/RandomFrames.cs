namespace KisFeed.Capture.Tests.Bars;

/// <summary>Random trades in frames, some of which are lost, repeated or late, and the bars expected from them.</summary>
internal sealed class RandomFrames
{
    public static readonly TimeSpan Interval = TimeSpan.FromSeconds(10);

    private RandomFrames(List<Sent[]> frames)
    {
        Frames = frames;
        var all = frames.SelectMany(f => f).ToArray();
        Growth = all.Max(t => t.Total) - all.Min(t => t.Total - t.Volume);

        // A trade counts in its bar if it arrives before any trade of a later bar.
        SortedDictionary<TimeSpan, long> bars = [];
        HashSet<long> counted = [];
        foreach (var trade in all)
        {
            if (bars.Count > 0 && trade.Start < bars.Keys.Last())
                Late++;
            else
                bars[trade.Start] = bars.GetValueOrDefault(trade.Start) + (counted.Add(trade.Total) ? trade.Volume : 0);
        }

        Bars = [.. bars.Select(b => (b.Key, b.Value))];
    }

    public IReadOnlyList<Sent[]> Frames { get; }

    public long Growth { get; }

    public long Late { get; }

    public IReadOnlyList<(TimeSpan Start, long Volume)> Bars { get; }

    public static RandomFrames Of(Random random, int frames)
    {
        List<(double Position, Sent[] Frame)> sent = [];
        var total = random.NextInt64(1_000_000);
        var second = 0;
        for (var i = 0; i < frames; i++)
        {
            second += random.Next(3);
            var frame = new Sent[random.Next(1, 5)];
            for (var j = 0; j < frame.Length; j++)
            {
                var volume = random.Next(1, 100);
                total += volume;
                frame[j] = new Sent(second, volume, total);
            }

            if (random.Next(8) == 0)
                continue; // lost
            var copies = random.Next(6) == 0 ? random.Next(2, 4) : 1;
            for (var copy = 0; copy < copies; copy++)
                sent.Add((i + (random.Next(4) == 0 ? random.NextDouble() * 12 : 0), frame)); // some are late
        }

        return new RandomFrames([.. sent.OrderBy(s => s.Position).Select(s => s.Frame)]);
    }

    public sealed record Sent(int Second, int Volume, long Total)
    {
        public string Time => new TimeOnly(9, 0).Add(TimeSpan.FromSeconds(Second)).ToString("HHmmss", CultureInfo.InvariantCulture);

        public TimeSpan Start => TimeSpan.FromHours(9) + TimeSpan.FromSeconds(Second / 10 * 10);
    }
}
