using System.Runtime.InteropServices;
using System.Security.Cryptography;
using KisFeed.Server.Protocol;

namespace KisFeed.Server.Http;

/// <summary>
/// WebSocket frames queued for one client, in order. The batch holds copies of the client's own frames and references to shared ones.
/// </summary>
internal sealed class OutboundBatch
{
    private const int MinOwnCapacity = 1024;
    private const int MaxRetained = 64 * 1024;

    private readonly List<Part> _parts = [];
    private byte[] _own = [];
    private int _ownCount;

    public int PartCount => _parts.Count;

    public ReadOnlyMemory<byte> this[int part] => (_parts[part].Shared ?? _own).AsMemory(_parts[part].Start, _parts[part].Length);

    /// <summary>Adds a copy of bytes for this client only.</summary>
    public void Add(ReadOnlySpan<byte> bytes)
    {
        if (_ownCount + bytes.Length > _own.Length)
        {
            var larger = new byte[Math.Max(_ownCount + bytes.Length, Math.Max(MinOwnCapacity, _own.Length * 2))];
            _own.AsSpan(0, _ownCount).CopyTo(larger);
            CryptographicOperations.ZeroMemory(_own);
            _own = larger;
        }

        bytes.CopyTo(_own.AsSpan(_ownCount));
        if (_parts.Count > 0 && CollectionsMarshal.AsSpan(_parts)[^1] is { Shared: null } last)
            _parts[^1] = last with { Length = last.Length + bytes.Length };
        else
            _parts.Add(new Part(null, _ownCount, bytes.Length));
        _ownCount += bytes.Length;
    }

    public void Add(in SharedFrames frames)
    {
        if (frames.IsLargeShare)
            _parts.Add(new Part(frames.All, frames.Start, frames.Length));
        else
            Add(frames.Bytes.Span);
    }

    /// <summary>Empties the batch and releases buffers that have grown large.</summary>
    public void Clear()
    {
        _parts.Clear();
        _ownCount = 0;
        if (_own.Length <= MaxRetained)
            return;
        Erase();
        _parts.TrimExcess();
        _own = [];
    }

    /// <summary>Overwrites the client's own bytes, because acknowledgements contain keys.</summary>
    public void Erase() => CryptographicOperations.ZeroMemory(_own);

    private readonly record struct Part(byte[]? Shared, int Start, int Length);
}
