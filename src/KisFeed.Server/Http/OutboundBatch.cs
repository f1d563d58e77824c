using System.Runtime.InteropServices;
using System.Security.Cryptography;

namespace KisFeed.Server;

/// <summary>WebSocket frames that wait for one client, in their order: some are its own, and held here; some are shared with others, and referred to.</summary>
internal sealed class OutboundBatch
{
    private const int LeastOwn = 1024;
    private const int MostKept = 64 * 1024;

    private readonly List<Part> _parts = [];
    private byte[] _own = [];
    private int _ownCount;

    /// <summary>The pieces in which it stands.</summary>
    public int PartCount => _parts.Count;

    /// <summary>A piece of it.</summary>
    public ReadOnlyMemory<byte> this[int part] => (_parts[part].Shared ?? _own).AsMemory(_parts[part].Start, _parts[part].Length);

    /// <summary>Adds bytes of the client's own.</summary>
    public void Add(ReadOnlySpan<byte> bytes)
    {
        if (_ownCount + bytes.Length > _own.Length)
        {
            var larger = new byte[Math.Max(_ownCount + bytes.Length, Math.Max(LeastOwn, _own.Length * 2))];
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

    /// <summary>Adds frames that others have too.</summary>
    public void Add(in SharedFrames frames)
    {
        if (frames.IsMuch)
            _parts.Add(new Part(frames.All, frames.Start, frames.Length));
        else
            Add(frames.Bytes.Span);
    }

    /// <summary>Forgets everything. What was held at a bad time is given back.</summary>
    public void Clear()
    {
        _parts.Clear();
        _ownCount = 0;
        if (_own.Length <= MostKept)
            return;
        Erase();
        _parts.TrimExcess();
        _own = [];
    }

    /// <summary>Overwrites what was its own: acknowledgements hold keys.</summary>
    public void Erase() => CryptographicOperations.ZeroMemory(_own);

    private readonly record struct Part(byte[]? Shared, int Start, int Length);
}
