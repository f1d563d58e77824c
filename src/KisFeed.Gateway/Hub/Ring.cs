using System.Runtime.CompilerServices;

namespace KisFeed.Gateway.Hub;

/// <summary>A queue with access by index. It grows as needed, and releases the extra memory when it is empty.</summary>
internal sealed class Ring<T>
{
    private const int LeastCapacity = 16;
    private const int KeptCapacity = 256;

    private T[] _items = [];
    private int _first;

    public int Count { get; private set; }

    public ref T this[int index]
    {
        get
        {
            ArgumentOutOfRangeException.ThrowIfGreaterThanOrEqual((uint)index, (uint)Count, nameof(index));
            return ref _items[(_first + index) & (_items.Length - 1)];
        }
    }

    public void Add(in T item)
    {
        if (Count == _items.Length)
            Grow();
        Count++;
        this[Count - 1] = item;
    }

    public T RemoveFirst()
    {
        ref var slot = ref this[0];
        var item = slot;
        Forget(ref slot);
        Count--;
        _first = (_first + 1) & (_items.Length - 1);
        if (Count == 0)
            Clear();
        return item;
    }

    /// <summary>Leaves so many at the beginning and forgets the others.</summary>
    public void Truncate(int count)
    {
        ArgumentOutOfRangeException.ThrowIfGreaterThan((uint)count, (uint)Count, nameof(count));
        while (Count > count)
        {
            Forget(ref this[Count - 1]);
            Count--;
        }
    }

    public void Clear()
    {
        Truncate(0);
        _first = 0;
        if (_items.Length > KeptCapacity)
            _items = [];
    }

    private static void Forget(ref T slot)
    {
        if (RuntimeHelpers.IsReferenceOrContainsReferences<T>())
            slot = default!;
    }

    private void Grow()
    {
        var larger = new T[Math.Max(LeastCapacity, _items.Length * 2)];
        for (var i = 0; i < Count; i++)
            larger[i] = this[i];
        _items = larger;
        _first = 0;
    }
}
