using KisFeed.Gateway.Hub;

namespace KisFeed.Gateway.Dispatching;

/// <summary>
/// The newest items of all streams, bounded in memory and age, so that a stream can resume where an earlier one ended. Not thread-safe.
/// </summary>
internal sealed class ReplayBuffer(long limit, TimeSpan age, TimeProvider time, Action<StreamItem> onForgotten)
{
    private readonly Ring<StreamItem> _items = new();

    public long Bytes { get; private set; }

    /// <summary>The newest dropped item that belonged to no feed.</summary>
    public long ForgottenThrough { get; private set; }

    public int Count => _items.Count;

    /// <summary>Adds an item. It must be newer than all others.</summary>
    public void Add(StreamItem item)
    {
        _items.Add(item);
        Bytes += item.Cost;
        while (Bytes > limit)
            ForgetFirst();
    }

    public void Trim()
    {
        while (_items.Count > 0 && time.GetElapsedTime(_items[0].ArrivedAt) > age)
            ForgetFirst();
    }

    public IEnumerable<StreamItem> After(long number)
    {
        for (var i = FirstAfter(number); i < _items.Count; i++)
            yield return _items[i];
    }

    private int FirstAfter(long number)
    {
        var (low, high) = (0, _items.Count);
        while (low < high)
        {
            var middle = (low + high) / 2;
            if (_items[middle].Number <= number)
                low = middle + 1;
            else
                high = middle;
        }

        return low;
    }

    private void ForgetFirst()
    {
        var item = _items.RemoveFirst();
        Bytes -= item.Cost;
        if (item.Key is null && item.Feed is null)
            ForgottenThrough = item.Number;
        else
            onForgotten(item);
    }
}
