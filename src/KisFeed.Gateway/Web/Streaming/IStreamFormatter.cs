using System.Buffers;

namespace KisFeed.Gateway;

/// <summary>What items look like on a connection.</summary>
internal interface IStreamFormatter
{
    /// <summary>Writes an item.</summary>
    /// <param name="output">Where to write.</param>
    /// <param name="item">The item.</param>
    /// <param name="text">What it reads like.</param>
    void Write(IBufferWriter<byte> output, StreamItem item, ReadOnlySpan<byte> text);
}
