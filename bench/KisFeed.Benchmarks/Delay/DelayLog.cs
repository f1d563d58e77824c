using System.Diagnostics;

namespace KisFeed.Benchmarks.Delay;

/// <summary>The delays of the measured frames to one consumer.</summary>
/// <param name="service">The service, which knows the sending times.</param>
/// <param name="from">The first measured frame.</param>
/// <param name="frames">The total number of frames.</param>
internal sealed class DelayLog(StampedService service, int from, int frames)
{
    private readonly TaskCompletionSource _isComplete = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private int _last = -1;

    /// <summary>Delays in microseconds.</summary>
    public List<double> Delays { get; } = new(frames - from);

    /// <summary>Frames that were missing or out of order.</summary>
    public int Missing { get; private set; }

    /// <summary>Completes when the last frame has arrived.</summary>
    public Task Completion => _isComplete.Task;

    public void Add(int number)
    {
        var now = Stopwatch.GetTimestamp();
        if (_last >= 0 && number != _last + 1)
            Missing += Math.Abs(number - _last - 1);
        _last = number;
        if (number >= from)
            Delays.Add(Stopwatch.GetElapsedTime(service.SentAt(number), now).TotalMicroseconds);
        if (number == frames - 1)
            _isComplete.TrySetResult();
    }
}
