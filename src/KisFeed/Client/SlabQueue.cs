using System.Diagnostics;
using System.Runtime.InteropServices;

namespace KisFeed.Client;

/// <summary>
/// Frames and events on their way from one writer to one reader, bounded by the number of frames and by their bytes. The bytes of frames
/// are copied one behind the other into slabs. A slab returns to the queue's own pool when its last item has been read or discarded, so a
/// steady flow does not allocate and uses the same few slabs.
/// </summary>
/// <remarks>
/// Items are written and read without a lock. The writer takes it for a new slab and to discard an item, the reader for a batch that it
/// begins to read and for another slab.
/// </remarks>
/// <param name="capacity">Maximum number of frames.</param>
/// <param name="maxBytes">Maximum number of bytes of frames, including an estimate of what an item needs besides them.</param>
/// <param name="retainedBytes">Maximum memory of unused slabs that the pool keeps.</param>
/// <param name="mayDiscard">
/// Whether the writer discards the oldest items. The reader then begins to read only small batches, an eighth of the limits at most,
/// because what it has begun to read cannot be discarded.
/// </param>
internal sealed class SlabQueue(int capacity, long maxBytes, long retainedBytes, bool mayDiscard = false)
{
    private const int MaxBatch = 32;
    private const int BatchParts = 8;

    private readonly Lock _gate = new();
    private readonly Slab?[] _unused = new Slab?[2];
    private readonly int _maxBatch = mayDiscard ? Math.Clamp(capacity / BatchParts, 1, MaxBatch) : int.MaxValue;
    private readonly long _maxBatchBytes = mayDiscard ? maxBytes / BatchParts : long.MaxValue;
    private long _retained;

    // Where the next item is that the reader has not begun to read. Guarded by the gate, as are the slabs that the reader uses.
    private Slab? _first;
    private int _firstIndex;

    // The writer's.
    private Slab? _tail;
    private int _tailBytes;
    private long _framesIn;
    private long _bytesIn;
    private long _framesOutSeen;
    private long _bytesOutSeen;

    private ReaderState _reader;

    /// <summary>Frames waiting to be read, including malformed ones. Can be called from any thread.</summary>
    public int Depth => (int)Math.Max(0, Volatile.Read(ref _framesIn) - Volatile.Read(ref _reader.FramesOut));

    /// <summary>Whether no item waits. For the reader.</summary>
    public bool IsEmpty
    {
        get
        {
            if (_reader.Next != _reader.End)
                return false;
            lock (_gate)
                return CountUnread() == 0;
        }
    }

    /// <summary>The last item that was read. For the reader.</summary>
    public ref readonly QueuedFrame Current => ref _reader.Items[_reader.Next - 1];

    public ref readonly QueuedFrame Kept => ref _reader.KeptSlab!.Items[_reader.KeptIndex];

    public bool HasKept => _reader.KeptSlab is not null;

    /// <summary>The number of slabs with items that wait, are being read or are kept, and of the last slab.</summary>
    public int SlabsInUse { get; private set; }

    /// <summary>Whether the queue is filled by more than one part of this number of parts. Can be called from any thread.</summary>
    public bool IsAbove(int parts) => Depth > capacity / parts || WaitingBytes > maxBytes / parts;

    /// <summary>Whether there is no room for another frame. Can be called from any thread.</summary>
    public bool IsFull => Depth >= capacity || WaitingBytes >= maxBytes;

    private long WaitingBytes => Volatile.Read(ref _bytesIn) - Volatile.Read(ref _reader.BytesOut);

    /// <summary>Whether a frame fits. An empty queue accepts one frame of any size. For the writer.</summary>
    public bool HasRoomFor(int size)
    {
        if (Fits(size))
            return true;
        Observe();
        return Fits(size);
    }

    /// <summary>Copies the bytes of a frame, whether or not it fits. The frame must be added next. For the writer.</summary>
    public StoredBytes Store(ReadOnlySpan<byte> bytes)
    {
        var slab = SlabFor(bytes.Length);
        if (bytes.Length > Slab.LongestFrame)
            return new StoredBytes(bytes.ToArray(), 0, bytes.Length);
        var start = _tailBytes;
        bytes.CopyTo(slab.Bytes.AsSpan(start));
        _tailBytes += bytes.Length;
        return new StoredBytes(slab.Bytes, start, bytes.Length);
    }

    public void Add(in QueuedFrame item)
    {
        var slab = SlabFor(0);
        var count = slab.Count;
        slab.Items[count] = item;
        if (item.Size > 0)
        {
            Volatile.Write(ref _framesIn, _framesIn + 1);
            Volatile.Write(ref _bytesIn, _bytesIn + item.Size);
        }

        slab.Count = count + 1;
    }

    /// <summary>Removes the oldest item that the reader has not begun to read. For the writer.</summary>
    public bool TryDiscard(out QueuedFrame item)
    {
        Debug.Assert(mayDiscard, "the reader begins to read batches of any size");
        lock (_gate)
        {
            if (CountUnread() == 0)
            {
                item = default;
                return false;
            }

            ref var oldest = ref _first!.Items[_firstIndex++];
            item = oldest;
            Release(ref oldest, _first.Bytes);
        }

        if (item.Size > 0)
        {
            Volatile.Write(ref _framesIn, _framesIn - 1);
            Volatile.Write(ref _bytesIn, _bytesIn - item.Size);
        }

        return true;
    }

    /// <summary>
    /// Moves to the next item, which then is the <see cref="Current"/> one. Invalidates the previous one,
    /// unless it is kept. For the reader.
    /// </summary>
    public bool TryRead()
    {
        ref var reader = ref _reader;
        if (reader.Slab is { } slab && (slab != reader.KeptSlab || reader.Next - 1 != reader.KeptIndex))
            Release(ref reader.Items[reader.Next - 1], reader.Bytes);
        if (reader.Next == reader.End && !TryBeginBatch())
            return false;
        var size = reader.Items[reader.Next++].Size;
        if (size > 0)
        {
            Volatile.Write(ref reader.FramesOut, reader.FramesOut + 1);
            Volatile.Write(ref reader.BytesOut, reader.BytesOut + size);
        }

        return true;
    }

    /// <summary>Keeps the current item, instead of another, while the reader moves on. For the reader.</summary>
    public void Keep()
    {
        ref var reader = ref _reader;
        var index = reader.Next - 1;
        if (reader.KeptSlab == reader.Slab)
        {
            if (reader.KeptIndex != index)
                Release(ref reader.Items[reader.KeptIndex], reader.Bytes);
        }
        else
        {
            lock (_gate)
            {
                var before = reader.KeptSlab;
                reader.KeptSlab = reader.Slab;
                if (before is not null)
                {
                    Release(ref before.Items[reader.KeptIndex], before.Bytes);
                    ReturnIfUnused(before);
                }
            }
        }

        reader.KeptIndex = index;
    }

    private bool Fits(int size)
    {
        var depth = _framesIn - _framesOutSeen;
        return depth == 0 || (depth < capacity && _bytesIn - _bytesOutSeen + size <= maxBytes);
    }

    // The reader's counts are read only where they matter: they are on a cache line that the reader writes for each frame.
    private void Observe()
    {
        _framesOutSeen = Volatile.Read(ref _reader.FramesOut);
        _bytesOutSeen = Volatile.Read(ref _reader.BytesOut);
    }

    private bool TryBeginBatch()
    {
        lock (_gate)
        {
            var count = Math.Min(CountUnread(), _maxBatch);
            if (count == 0)
                return false;
            if (mayDiscard)
                count = CountWithin(_maxBatchBytes, count);
            var before = _reader.Slab;
            _reader.Slab = _first!;
            _reader.Items = _first!.Items;
            _reader.Bytes = _first.Bytes;
            _reader.Next = _firstIndex;
            _reader.End = _firstIndex += count;
            if (before is not null && before != _first)
                ReturnIfUnused(before);
            return true;
        }
    }

    // At least one.
    private int CountWithin(long bytes, int count)
    {
        for (var i = 0; i < count; i++)
        {
            bytes -= _first!.Items[_firstIndex + i].Size;
            if (bytes < 0)
                return Math.Max(i, 1);
        }

        return count;
    }

    // Those in the first slab that has some.
    private int CountUnread()
    {
        while (_first is { } slab)
        {
            var count = slab.Count - _firstIndex;
            if (count > 0 || slab.Next is null)
                return count;
            _first = slab.Next;
            _firstIndex = 0;
            slab.IsPassed = true;
            ReturnIfUnused(slab);
        }

        return 0;
    }

    // The slab for the next item, which has room for its bytes if they are not too long for any.
    private Slab SlabFor(int length) =>
        _tail is { } slab && slab.Count < slab.Items.Length && (length <= slab.Bytes.Length - _tailBytes || length > Slab.LongestFrame)
            ? slab
            : AddSlab(length);

    private Slab AddSlab(int length)
    {
        Observe();
        var isLarge = length is > Slab.LongestInSmall and <= Slab.LongestFrame || _framesIn - _framesOutSeen > Slab.SmallCount / 2;
        lock (_gate)
        {
            ref var unused = ref _unused[isLarge ? 1 : 0];
            var slab = unused;
            if (slab is null)
            {
                slab = new Slab(isLarge);
            }
            else
            {
                unused = slab.Next;
                _retained -= slab.Memory;
                slab.Reset();
            }

            if (_tail is null)
                _first = slab;
            else
                _tail.Next = slab;
            _tail = slab;
            SlabsInUse++;
        }

        _tailBytes = 0;
        return _tail;
    }

    private void ReturnIfUnused(Slab slab)
    {
        if (!slab.IsPassed || slab == _reader.Slab || slab == _reader.KeptSlab)
            return;
        SlabsInUse--;
        slab.Next = null;
        if (_retained + slab.Memory > retainedBytes)
            return;
        _retained += slab.Memory;
        ref var unused = ref _unused[slab.IsLarge ? 1 : 0];
        slab.Next = unused;
        unused = slab;
    }

    // Lets the garbage collector have an event, or the bytes of a long frame, before the slab is used again.
    private static void Release(ref QueuedFrame item, byte[] bytes)
    {
        if (item.Bytes.Buffer != bytes)
            item = default;
    }

    // On cache lines of its own, because it is written for each frame, as is the writer's state. The slabs are set under the gate; the
    // counts are read by all; the rest is the reader's alone.
    [StructLayout(LayoutKind.Explicit, Size = 192)]
    private struct ReaderState
    {
        [FieldOffset(64)]
        public Slab? Slab;

        [FieldOffset(72)]
        public Slab? KeptSlab;

        // Of the slab, whose own cache line the writer writes for each item.
        [FieldOffset(80)]
        public QueuedFrame[] Items;

        [FieldOffset(88)]
        public byte[] Bytes;

        // The items of the batch that have not been read.
        [FieldOffset(96)]
        public int Next;

        [FieldOffset(100)]
        public int End;

        [FieldOffset(104)]
        public int KeptIndex;

        [FieldOffset(112)]
        public long FramesOut;

        [FieldOffset(120)]
        public long BytesOut;
    }

    /// <summary>
    /// Items, and the bytes of those whose frames are not too long. Small while the reader keeps up: most feeds are slow.
    /// </summary>
    private sealed class Slab(bool isLarge)
    {
        public const int SmallCount = 16;
        public const int LongestInSmall = SmallBytes / 4;
        public const int LongestFrame = LargeBytes / 4;

        private const int SmallBytes = 4 * 1024;
        private const int LargeCount = 192;
        private const int LargeBytes = 32 * 1024;

        private int _count;

        public bool IsLarge => isLarge;

        public byte[] Bytes { get; } = GC.AllocateUninitializedArray<byte>(isLarge ? LargeBytes : SmallBytes);

        public QueuedFrame[] Items { get; } = new QueuedFrame[isLarge ? LargeCount : SmallCount];

        public int Memory => Bytes.Length + (Items.Length * QueuedFrame.ItemBytes);

        /// <summary>The number of items that the reader can see.</summary>
        public int Count
        {
            get => Volatile.Read(ref _count);
            set => Volatile.Write(ref _count, value);
        }

        /// <summary>The slab with the items after these, or another unused slab. Guarded by the gate.</summary>
        public Slab? Next { get; set; }

        /// <summary>Whether every item has been read, is being read, or has been discarded. Guarded by the gate.</summary>
        public bool IsPassed { get; set; }

        public void Reset()
        {
            Next = null;
            Count = 0;
            IsPassed = false;
        }
    }
}
