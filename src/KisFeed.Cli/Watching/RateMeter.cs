namespace KisFeed.Cli.Watching;

/// <summary>Events a second, over the last few seconds.</summary>
internal sealed class RateMeter(TimeProvider time)
{
    private static readonly TimeSpan s_window = TimeSpan.FromSeconds(3);

    private readonly Queue<(long At, long Count)> _samples = new();

    /// <summary>Notes how many there have been so far, and says how many a second that makes.</summary>
    public double Sample(long count)
    {
        var now = time.GetTimestamp();
        _samples.Enqueue((now, count));
        while (_samples.Count > 2 && time.GetElapsedTime(_samples.Peek().At, now) > s_window)
            _samples.Dequeue();
        var (since, before) = _samples.Peek();
        var seconds = time.GetElapsedTime(since, now).TotalSeconds;
        return seconds > 0 ? (count - before) / seconds : 0;
    }
}
