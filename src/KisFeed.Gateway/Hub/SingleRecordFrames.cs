using System.Text;

namespace KisFeed.Gateway.Hub;

/// <summary>Makes frames of a feed with one record each.</summary>
internal sealed class SingleRecordFrames(string trId)
{
    private readonly byte[] _header = Encoding.ASCII.GetBytes($"0|{trId}|1|");

    public byte[] Of(ReadOnlySpan<byte> record)
    {
        var frame = new byte[_header.Length + record.Length];
        _header.CopyTo(frame, 0);
        record.CopyTo(frame.AsSpan(_header.Length));
        return frame;
    }
}
