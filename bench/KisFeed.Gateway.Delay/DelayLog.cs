using System.Diagnostics;

namespace KisFeed.Gateway.Delay;

/// <summary>How long each frame that is measured took to one consumer.</summary>
/// <param name="service">When each was sent.</param>
/// <param name="from">The first frame that is measured.</param>
/// <param name="frames">Frames in all.</param>
internal sealed class DelayLog(StampedService service, int from, int frames)
{
    private readonly TaskCompletionSource _isComplete = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private int _last = -1;

    /// <summary>Delays in microseconds.</summary>
    public List<double> Delays { get; } = new(frames - from);

    /// <summary>Frames that did not come, or not in their turn.</summary>
    public int Missing { get; private set; }

    /// <summary>Completes when the last frame has come.</summary>
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
