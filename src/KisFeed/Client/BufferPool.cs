namespace KisFeed;

/// <summary>
/// Buffers that travel from the receiving thread to a consumer's and back. The shared array pool keeps its arrays by thread, so that
/// a steady one-way flow would allocate; here they come back to where they are taken from.
/// </summary>
internal sealed class BufferPool(int retained)
{
    private const int PooledLength = 1024;

    private readonly Lock _gate = new();
    private readonly Stack<byte[]> _free = new();

    public byte[] Rent(int length)
    {
        if (length > PooledLength)
            return new byte[length];
        lock (_gate)
        {
            if (_free.TryPop(out var buffer))
                return buffer;
        }

        return new byte[PooledLength];
    }

    public void Return(byte[] buffer)
    {
        if (buffer.Length != PooledLength)
            return;
        lock (_gate)
        {
            if (_free.Count < retained)
                _free.Push(buffer);
        }
    }
}
