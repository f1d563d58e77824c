using System.Runtime.InteropServices;

namespace KisFeed.Gateway;

/// <summary>What waits to be sent to somebody.</summary>
/// <param name="Bytes">Bytes of memory, about.</param>
/// <param name="Records">Records and events of streams. Of connections in the broker's protocol they are not counted.</param>
[StructLayout(LayoutKind.Auto)]
internal readonly record struct QueueDepth(long Bytes, long Records)
{
    public static QueueDepth operator +(QueueDepth one, QueueDepth other) => new(one.Bytes + other.Bytes, one.Records + other.Records);
}
