using System.Numerics;

namespace KisFeed;

/// <summary>
/// Buffers that travel from the receiving thread to a consumer's and back. The shared array pool keeps its arrays by thread, so that
/// a steady one-way flow would allocate; here they come back to where they are taken from. Rented by one thread at a time, returned by any.
/// </summary>
/// <param name="retainedBytes">How much it keeps of buffers that nobody uses.</param>
internal sealed class BufferPool(long retainedBytes)
{
    private const int SmallestLength = 256;
    private const int LargestLength = 64 * 1024;

    // Lengths between two powers of two: what is rented wastes at most a fifth of its buffer.
    private const int StepBits = 2;
    private const int Steps = 1 << StepBits;

    private readonly Lock _gate = new();
    private readonly Shelf?[] _shelves = new Shelf?[ShelfOf(LargestLength) + 1];
    private long _retained;

    /// <summary>A buffer that has room for so many bytes.</summary>
    public byte[] Rent(int length)
    {
        if (length > LargestLength)
            return new byte[length];
        var index = ShelfOf(length);
        var shelf = _shelves[index] ??= new Shelf();
        var bufferLength = LengthOf(index);
        if (shelf.AtHand.Count == 0 && !TryFetch(shelf, bufferLength))
            return new byte[bufferLength];
        return shelf.AtHand.Pop();
    }

    /// <summary>A buffer that was rented here is not needed any more.</summary>
    public void Return(byte[] buffer)
    {
        if (buffer.Length is < SmallestLength or > LargestLength || _shelves[ShelfOf(buffer.Length)] is not { } shelf)
            return;
        lock (_gate)
        {
            if (_retained + buffer.Length > retainedBytes)
                return;
            _retained += buffer.Length;
            shelf.Returned.Push(buffer);
        }
    }

    // The lock is taken once for all that have come back, not once for each.
    private bool TryFetch(Shelf shelf, int bufferLength)
    {
        lock (_gate)
        {
            (shelf.AtHand, shelf.Returned) = (shelf.Returned, shelf.AtHand);
            _retained -= (long)shelf.AtHand.Count * bufferLength;
        }

        return shelf.AtHand.Count > 0;
    }

    // 256, 320, 384, 448, 512, 640, …
    private static int ShelfOf(int length)
    {
        if (length <= SmallestLength)
            return 0;
        var power = BitOperations.Log2((uint)length - 1);
        var step = (length - 1) >> (power - StepBits);
        return ((power - BitOperations.Log2(SmallestLength)) << StepBits) + step - Steps + 1;
    }

    private static int LengthOf(int shelf) => (Steps + (shelf & (Steps - 1))) << ((shelf >> StepBits) + BitOperations.Log2(SmallestLength) - StepBits);

    private sealed class Shelf
    {
        public Stack<byte[]> AtHand { get; set; } = new();

        public Stack<byte[]> Returned { get; set; } = new();
    }
}
