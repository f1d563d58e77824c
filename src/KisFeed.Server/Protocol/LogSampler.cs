namespace KisFeed.Server;

/// <summary>Lets a few log lines of one kind through and counts the others, so that nobody who causes them can fill the log or keep the disk busy. For any thread.</summary>
/// <param name="time">The clock.</param>
internal sealed class LogSampler(TimeProvider time)
{
    private const int PerMinute = 10;

    private readonly TokenBucket _lines = new(PerMinute / 60.0, PerMinute, time);
    private long _skipped;

    /// <summary>Whether a line may be written now.</summary>
    /// <param name="skipped">How many were not since the last one that was.</param>
    public bool TryPass(out long skipped)
    {
        skipped = 0;
        if (!_lines.TryTake())
        {
            Interlocked.Increment(ref _skipped);
            return false;
        }

        skipped = Interlocked.Exchange(ref _skipped, 0);
        return true;
    }
}
