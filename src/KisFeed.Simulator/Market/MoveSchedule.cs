using System.Diagnostics.CodeAnalysis;

namespace KisFeed.Simulator.Market;

/// <summary>
/// Chooses the instrument that moves next. Each moves in proportion to its weight, at irregular intervals of at most one and a half times
/// its average interval. So even the rarest moves soon, which independent draws would not guarantee.
/// </summary>
internal sealed class MoveSchedule(ulong seed)
{
    private const int IntervalOfWeightOne = 1 << 20;

    private readonly SeededRandom _random = new(seed);
    private readonly PriorityQueue<LiveInstrument, (long Due, long Number)> _queue = new();
    private long _now;
    private long _number;

    public void Add(LiveInstrument instrument)
    {
        if (instrument.IsScheduled)
            return;
        instrument.IsScheduled = true;
        _queue.Enqueue(instrument, (_now + _random.Next(0, IntervalOf(instrument)), _number++));
    }

    /// <summary>Gets the next instrument and schedules it again. Instruments without an open stream are removed.</summary>
    public bool TryNext([NotNullWhen(true)] out LiveInstrument? instrument)
    {
        while (_queue.TryPeek(out instrument, out var place))
        {
            _now = place.Due;
            if (instrument.HasOpenStream)
            {
                var interval = IntervalOf(instrument);
                var wait = (interval / 2) + _random.Next(0, interval);
                _ = _queue.DequeueEnqueue(instrument, (_now + wait, _number++));
                return true;
            }

            _ = _queue.Dequeue();
            instrument.IsScheduled = false;
        }

        return false;
    }

    private static int IntervalOf(LiveInstrument instrument) => IntervalOfWeightOne / instrument.Weight;
}
