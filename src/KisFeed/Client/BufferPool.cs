using System.Numerics;

namespace KisFeed.Client;

/// <summary>
/// Buffers that travel from the receiving thread to a consumer's thread and back. The shared array pool keeps arrays per thread, so a steady one-way
/// flow would allocate; this pool returns buffers to where they are rented. Buffers are rented by one thread at a time and returned by any.
/// </summary>
/// <param name="retainedBytes">Maximum total size of unused buffers that the pool keeps.</param>
internal sealed class BufferPool(long retainedBytes)
{
    private const int SmallestLength = 256;
    private const int LargestLength = 64 * 1024;

    // Steps between two powers of two: at most a fifth of a rented buffer is unused.
    private const int StepBits = 2;
    private const int Steps = 1 << StepBits;

    private readonly Lock _gate = new();
    private readonly Bucket?[] _buckets = new Bucket?[BucketOf(LargestLength) + 1];
    private long _retained;

    /// <summary>Rents a buffer of at least this length.</summary>
    public byte[] Rent(int length)
    {
        if (length > LargestLength)
            return new byte[length];
        var index = BucketOf(length);
        var bucket = _buckets[index] ??= new Bucket();
        var bufferLength = LengthOf(index);
        if (bucket.Available.Count == 0 && !TryReclaim(bucket, bufferLength))
            return new byte[bufferLength];
        return bucket.Available.Pop();
    }

    /// <summary>Returns a rented buffer to the pool.</summary>
    public void Return(byte[] buffer)
    {
        if (buffer.Length is < SmallestLength or > LargestLength || _buckets[BucketOf(buffer.Length)] is not { } bucket)
            return;
        lock (_gate)
        {
            if (_retained + buffer.Length > retainedBytes)
                return;
            _retained += buffer.Length;
            bucket.Returned.Push(buffer);
        }
    }

    // One lock for all returned buffers, not one for each.
    private bool TryReclaim(Bucket bucket, int bufferLength)
    {
        lock (_gate)
        {
            (bucket.Available, bucket.Returned) = (bucket.Returned, bucket.Available);
            _retained -= (long)bucket.Available.Count * bufferLength;
        }

        return bucket.Available.Count > 0;
    }

    // 256, 320, 384, 448, 512, 640, …
    private static int BucketOf(int length)
    {
        if (length <= SmallestLength)
            return 0;
        var power = BitOperations.Log2((uint)length - 1);
        var step = (length - 1) >> (power - StepBits);
        return ((power - BitOperations.Log2(SmallestLength)) << StepBits) + step - Steps + 1;
    }

    private static int LengthOf(int bucket) => (Steps + (bucket & (Steps - 1))) << ((bucket >> StepBits) + BitOperations.Log2(SmallestLength) - StepBits);

    private sealed class Bucket
    {
        public Stack<byte[]> Available { get; set; } = new();

        public Stack<byte[]> Returned { get; set; } = new();
    }
}
