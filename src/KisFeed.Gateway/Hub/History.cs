namespace KisFeed.Gateway;

/// <summary>
/// The items of streams that came last, so that a stream can go on where an earlier one ended: bounded in memory and in age. One thread at a time.
/// </summary>
/// <param name="limit">Bytes of memory that items may take, about.</param>
/// <param name="age">How old items may become.</param>
/// <param name="time">The clock.</param>
internal sealed class History(long limit, TimeSpan age, TimeProvider time)
{
    private readonly Ring<StreamItem> _items = new();

    /// <summary>Bytes that the items take, about.</summary>
    public long Bytes { get; private set; }

    /// <summary>The number of the last item of no feed that it has no more.</summary>
    public long ForgottenThrough { get; private set; }

    public int Count => _items.Count;

    /// <summary>Keeps an item, which is newer than all others.</summary>
    public void Add(StreamItem item)
    {
        _items.Add(item);
        Bytes += item.Cost;
        while (Bytes > limit)
            ForgetFirst();
    }

    /// <summary>Forgets what is too old.</summary>
    public void Trim()
    {
        while (_items.Count > 0 && time.GetElapsedTime(_items[0].ArrivedAt) > age)
            ForgetFirst();
    }

    /// <summary>The items behind one, in their order.</summary>
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
        if (item.Channel is { } channel)
            channel.ForgottenThrough = item.Number;
        else if (item.Feed is { } feed)
            feed.ForgottenThrough = item.Number;
        else
            ForgottenThrough = item.Number;
    }
}
