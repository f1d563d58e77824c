using System.Buffers;

namespace KisFeed.Server;

/// <summary>Records of one TR ID that will be sent in one frame.</summary>
internal sealed class FrameBatch(string trId)
{
    private readonly ArrayBufferWriter<byte> _records = new();

    public string TrId { get; } = trId;

    public int Count { get; private set; }

    /// <summary>The records, <c>^</c>-separated.</summary>
    public ReadOnlySpan<byte> Records => _records.WrittenSpan;

    public void Add(ReadOnlySpan<byte> record)
    {
        if (Count++ > 0)
            _records.Write("^"u8);
        _records.Write(record);
    }

    public void Clear()
    {
        Count = 0;
        _records.ResetWrittenCount();
    }
}
